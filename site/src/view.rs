//! Markup and closures as views of one type.
//!
//! Leptos types a view by its structure, so that each piece of a page brings its own code to build, compare and
//! drop it. Erased at once, pages share that code, which makes the app a third smaller.

use std::sync::{Arc, Mutex};

use leptos::prelude::*;

/// Markup of [`leptos::view!`], as an [`AnyView`].
macro_rules! view {
    ($($markup:tt)*) => { ::leptos::prelude::IntoAny::into_any(::leptos::view! { $($markup)* }) };
}
pub(crate) use view;

/// A piece of a page that is rebuilt when the signals that it reads change.
pub fn reactive<V: IntoView + 'static>(mut piece: impl FnMut() -> V + Send + 'static) -> AnyView {
    let piece: Arc<Mutex<dyn FnMut() -> AnyView + Send>> =
        Arc::new(Mutex::new(move || piece().into_any()));
    piece.into_any()
}

/// Does something now, and again when the signals that it reads change.
pub fn watch(run: impl FnMut() + 'static) {
    // Effects of each type would bring code of their own.
    let mut run: Box<dyn FnMut()> = Box::new(run);
    Effect::new(move |_| run());
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn text_never_becomes_markup() {
        let hostile = "</pre><script>alert(\"1\")</script>&amp;";
        let html = view! { <pre title=hostile>{hostile}</pre> }.to_html();
        assert_eq!(
            html,
            "<pre title=\"&lt;/pre&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;\">\
             &lt;/pre&gt;&lt;script&gt;alert(\"1\")&lt;/script&gt;&amp;amp;</pre>"
        );
    }
}
