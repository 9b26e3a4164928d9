//! Pages as values: elements with attributes and children, built into a document in the browser and
//! written as text by the compiler.
//!
//! The views of `leptos::view!` are typed by their structure, so that each page brings its own code to
//! build, compare and drop it: three times the size of this site. Here one type does for all. What
//! changes is a [`live`] piece, which is built anew when the signals that it reads change.
//!
//! Text is text: nothing here reads markup.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::*;
use leptos::tachys::dom::document;
use leptos::tachys::html::attribute::Attribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::dom::{Element as DomElement, Node as DomNode, Placeholder, Text};
use leptos::tachys::renderer::{RemoveEventHandler, Rndr};
use leptos::tachys::view::{Mountable, Position, PositionState};
use leptos::wasm_bindgen::JsCast as _;
use leptos::web_sys::HtmlElement;

use crate::components::link::is_web;

/// A piece of a page.
// Small, and filled by functions that are not inlined: pages are made of thousands of calls.
pub struct Node(Kind);

enum Kind {
    Text(String),
    Element(Element),
    List(Vec<Node>),
    Live(Live),
    View(AnyView),
}

/// What is built anew when a signal changes.
type Live = Arc<Mutex<dyn FnMut() -> Node + Send>>;

/// An element.
pub struct Element(Box<Parts>);

struct Parts {
    tag: &'static str,
    attributes: Vec<(&'static str, Value)>,
    handlers: Vec<(&'static str, Handler)>,
    children: Vec<Node>,
}

enum Value {
    Fixed(Cow<'static, str>),
    Live(Box<dyn Fn() -> Option<String> + Send>),
    /// A property of the element in the browser, such as what has been typed.
    Property(Box<dyn Fn() -> String + Send>),
}

type Handler = Box<dyn FnMut(leptos::ev::Event) + Send>;

/// Begins an element.
pub fn el(tag: &'static str) -> Element {
    let (attributes, handlers, children) = (Vec::new(), Vec::new(), Vec::new());
    Element(Box::new(Parts { tag, attributes, handlers, children }))
}

/// A piece that is built anew when the signals that it reads change.
pub fn live<N: Into<Node>>(mut piece: impl FnMut() -> N + Send + 'static) -> Node {
    Node(Kind::Live(Arc::new(Mutex::new(move || piece().into()))))
}

/// Nothing.
pub fn nothing() -> Node {
    Node(Kind::List(Vec::new()))
}

impl Element {
    #[inline(never)]
    fn with_attribute(mut self, name: &'static str, value: Value) -> Self {
        self.0.attributes.push((name, value));
        self
    }

    #[inline(never)]
    fn with_child(mut self, child: Node) -> Self {
        // What is nothing needs no place: it stays nothing.
        if !matches!(&child.0, Kind::List(list) if list.is_empty()) {
            self.0.children.push(child);
        }
        self
    }

    #[inline(never)]
    fn with_handler(mut self, event: &'static str, handler: Handler) -> Self {
        self.0.handlers.push((event, handler));
        self
    }

    /// Adds a class.
    pub fn class(self, class: &'static str) -> Self {
        self.attr("class", class)
    }

    /// Adds an attribute.
    pub fn attr(self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.with_attribute(name, Value::Fixed(value.into()))
    }

    /// Adds an attribute without a value, or not.
    pub fn flag(self, name: &'static str, is_set: bool) -> Self {
        if is_set { self.attr(name, "") } else { self }
    }

    /// Adds an attribute that changes. Without a value it is not there.
    pub fn live_attr(
        self,
        name: &'static str,
        value: impl Fn() -> Option<String> + Send + 'static,
    ) -> Self {
        self.with_attribute(name, Value::Live(Box::new(value)))
    }

    /// Sets a property in the browser; the compiler writes an attribute.
    pub fn property(self, name: &'static str, value: impl Fn() -> String + Send + 'static) -> Self {
        self.with_attribute(name, Value::Property(Box::new(value)))
    }

    /// Does something when an event happens.
    pub fn on(
        self,
        event: &'static str,
        handler: impl FnMut(leptos::ev::Event) + Send + 'static,
    ) -> Self {
        self.with_handler(event, Box::new(handler))
    }

    /// Adds a child.
    pub fn with(self, child: impl Into<Node>) -> Self {
        self.with_child(child.into())
    }

    /// Adds children.
    pub fn all(self, children: impl IntoIterator<Item = impl Into<Node>>) -> Self {
        children.into_iter().fold(self, |element, child| element.with_child(child.into()))
    }
}

/// A link.
pub fn link(href: impl Into<Cow<'static, str>>, text: impl Into<Node>) -> Element {
    el("a").attr("href", href).with(text)
}

/// A link to a document of the registry.
pub fn data(path: &promptdex_wire::Path, text: impl Into<Node>) -> Element {
    link(path.to_string(), text).attr("rel", "external")
}

/// A link that leaves the site. Only web addresses become links.
pub fn external(url: &str) -> Element {
    if is_web(url) {
        link(url.to_owned(), url).attr("rel", "external noopener noreferrer nofollow")
    } else {
        el("code").with(url)
    }
}

/// A sentence in which names stand between backticks.
pub fn with_code(text: &str) -> Node {
    let piece = |(at, piece): (usize, &str)| -> Node {
        if at % 2 == 1 { el("code").with(piece).into() } else { piece.into() }
    };
    text.split('`').enumerate().map(piece).collect::<Vec<_>>().into()
}

impl From<Element> for Node {
    fn from(element: Element) -> Self {
        Self(Kind::Element(element))
    }
}

impl From<&str> for Node {
    #[inline(never)]
    fn from(text: &str) -> Self {
        Self(Kind::Text(text.to_owned()))
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self(Kind::Text(text))
    }
}

impl<T: Into<Self>> From<Vec<T>> for Node {
    fn from(pieces: Vec<T>) -> Self {
        Self(Kind::List(pieces.into_iter().map(Into::into).collect()))
    }
}

impl<T: Into<Self>> From<Option<T>> for Node {
    fn from(piece: Option<T>) -> Self {
        piece.map_or_else(nothing, Into::into)
    }
}

impl From<AnyView> for Node {
    fn from(view: AnyView) -> Self {
        Self(Kind::View(view))
    }
}

impl<const N: usize> From<[Self; N]> for Node {
    fn from(pieces: [Self; N]) -> Self {
        Self(Kind::List(pieces.into()))
    }
}

/// What stands in the document.
pub struct Built(BuiltKind);

enum BuiltKind {
    Text(Text),
    /// An element, and what in it changes or listens.
    Element(DomElement, Kept),
    List(Vec<Built>),
    /// The place of an empty list.
    Nothing(Placeholder),
    Live(<Live as Render>::State),
    View(<AnyView as Render>::State),
}

/// What has to live as long as an element.
#[derive(Default)]
struct Kept {
    children: Vec<Built>,
    attributes: Vec<RenderEffect<()>>,
    handlers: Vec<RemoveEventHandler<DomElement>>,
}

impl Kept {
    /// Does something at once, and again when the signals that it reads change.
    fn follow(&mut self, run: impl Fn() + 'static) {
        let run: Box<dyn Fn()> = Box::new(run);
        self.attributes.push(RenderEffect::new(move |_| run()));
    }

    fn is_empty(&self) -> bool {
        self.children.is_empty() && self.attributes.is_empty() && self.handlers.is_empty()
    }
}

impl Built {
    /// Whether anything in it changes or listens; what does not is left to the document.
    fn is_fixed(&self) -> bool {
        match &self.0 {
            BuiltKind::Text(_) | BuiltKind::Nothing(_) => true,
            BuiltKind::Element(_, kept) => kept.is_empty(),
            BuiltKind::List(list) => list.iter().all(Self::is_fixed),
            BuiltKind::Live(_) | BuiltKind::View(_) => false,
        }
    }
}

fn build_element(element: Element) -> Built {
    let Parts { tag, attributes, handlers, children } = *element.0;
    let dom = Rndr::create_element(tag, None);
    let mut kept = Kept::default();
    // A list can only be set to an entry that it has.
    for child in children {
        let mut child = child.build();
        child.mount(&dom, None);
        if !child.is_fixed() {
            kept.children.push(child);
        }
    }
    for (name, value) in attributes {
        match value {
            Value::Fixed(value) => Rndr::set_attribute(&dom, name, &value),
            Value::Live(value) => {
                let dom = dom.clone();
                kept.follow(move || match value() {
                    Some(value) => Rndr::set_attribute(&dom, name, &value),
                    None => Rndr::remove_attribute(&dom, name),
                });
            }
            Value::Property(value) => {
                let dom = dom.clone();
                kept.follow(move || Rndr::set_property(&dom, name, &value().into()));
            }
        }
    }
    for (event, mut handler) in handlers {
        let handler = Box::new(move |event: wasm_bindgen::JsValue| {
            handler(wasm_bindgen::JsCast::unchecked_into(event));
        });
        kept.handlers.push(Rndr::add_event_listener(&dom, event, handler));
    }
    Built(BuiltKind::Element(dom, kept))
}

impl Render for Node {
    type State = Built;

    fn build(self) -> Built {
        match self.0 {
            Kind::Text(text) => Built(BuiltKind::Text(Rndr::create_text_node(&text))),
            Kind::Element(element) => build_element(element),
            Kind::List(list) if list.is_empty() => {
                Built(BuiltKind::Nothing(Rndr::create_placeholder()))
            }
            Kind::List(list) => {
                Built(BuiltKind::List(list.into_iter().map(Render::build).collect()))
            }
            Kind::Live(piece) => Built(BuiltKind::Live(piece.build())),
            Kind::View(view) => Built(BuiltKind::View(view.build())),
        }
    }

    fn rebuild(self, state: &mut Built) {
        if let (Kind::Text(text), BuiltKind::Text(node)) = (&self.0, &state.0) {
            Rndr::set_text(node, text);
            return;
        }
        let focused = document().active_element();
        let mut new = self.build();
        state.insert_before_this(&mut new);
        state.unmount();
        *state = new;
        // A control that has a name keeps the focus when it is built anew.
        if let Some(focused) = focused.filter(|focused| !focused.is_connected())
            && let Some(control) = document().get_element_by_id(&focused.id())
            && let Some(control) = control.dyn_ref::<HtmlElement>()
        {
            // What cannot have the focus leaves it where it was.
            drop(control.focus());
        }
    }
}

impl Mountable for Built {
    fn unmount(&mut self) {
        match &mut self.0 {
            BuiltKind::Text(text) => text.unmount(),
            BuiltKind::Element(element, _) => element.unmount(),
            BuiltKind::List(list) => list.iter_mut().for_each(Mountable::unmount),
            BuiltKind::Nothing(place) => place.unmount(),
            BuiltKind::Live(live) => live.unmount(),
            BuiltKind::View(view) => view.unmount(),
        }
    }

    fn mount(&mut self, parent: &DomElement, marker: Option<&DomNode>) {
        match &mut self.0 {
            BuiltKind::Text(text) => text.mount(parent, marker),
            BuiltKind::Element(element, _) => element.mount(parent, marker),
            BuiltKind::List(list) => list.iter_mut().for_each(|piece| piece.mount(parent, marker)),
            BuiltKind::Nothing(place) => place.mount(parent, marker),
            BuiltKind::Live(live) => live.mount(parent, marker),
            BuiltKind::View(view) => view.mount(parent, marker),
        }
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        match &self.0 {
            BuiltKind::Text(text) => text.insert_before_this(child),
            BuiltKind::Element(element, _) => element.insert_before_this(child),
            BuiltKind::List(list) => list.iter().any(|piece| piece.insert_before_this(child)),
            BuiltKind::Nothing(place) => place.insert_before_this(child),
            BuiltKind::Live(live) => live.insert_before_this(child),
            BuiltKind::View(view) => view.insert_before_this(child),
        }
    }

    fn elements(&self) -> Vec<DomElement> {
        match &self.0 {
            BuiltKind::Element(element, _) => vec![element.clone()],
            BuiltKind::List(list) => list.iter().flat_map(Self::elements).collect(),
            BuiltKind::Live(live) => live.elements(),
            BuiltKind::View(view) => view.elements(),
            BuiltKind::Text(_) | BuiltKind::Nothing(_) => Vec::new(),
        }
    }
}

impl AddAnyAttr for Node {
    type Output<NewAttr: Attribute> = Self;

    fn add_any_attr<NewAttr: Attribute>(self, _: NewAttr) -> Self {
        self
    }
}

impl RenderHtml for Node {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        buffer: &mut String,
        _: &mut Position,
        _: bool,
        _: bool,
        _: Vec<AnyAttribute>,
    ) {
        write(self, buffer);
    }

    /// The app never takes over what the compiler wrote node by node: it builds its own.
    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Built {
        self.build()
    }

    fn into_owned(self) -> Self {
        self
    }
}

fn write(node: Node, html: &mut String) {
    match node.0 {
        Kind::Text(text) => escape(&text, html),
        Kind::List(list) => list.into_iter().for_each(|piece| write(piece, html)),
        Kind::View(view) => {
            view.to_html_with_buf(html, &mut Position::FirstChild, true, false, Vec::new());
        }
        Kind::Live(piece) => {
            let piece = piece.lock().map(|mut piece| piece());
            write(piece.unwrap_or_else(|_poisoned| nothing()), html);
        }
        Kind::Element(Element(element)) => {
            html.push('<');
            html.push_str(element.tag);
            for (name, value) in element.attributes {
                let value = match value {
                    Value::Fixed(value) => Some(value),
                    Value::Live(value) => value().map(Cow::Owned),
                    Value::Property(value) => {
                        Some(value()).filter(|value| !value.is_empty()).map(Cow::Owned)
                    }
                };
                let Some(value) = value else { continue };
                html.push(' ');
                html.push_str(name);
                if !value.is_empty() {
                    html.push_str("=\"");
                    escape(&value, html);
                    html.push('"');
                }
            }
            html.push('>');
            if matches!(element.tag, "br" | "hr" | "img" | "input") {
                return;
            }
            if element.tag == "pre" {
                // A first line end would be dropped.
                html.push('\n');
            }
            element.children.into_iter().for_each(|child| write(child, html));
            html.push_str("</");
            html.push_str(element.tag);
            html.push('>');
        }
    }
}

/// Writes text so that it is read back as text, between tags and in an attribute.
pub(crate) fn escape(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            // Read as a line end otherwise.
            '\r' => html.push_str("&#13;"),
            _ => html.push(character),
        }
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn text_never_becomes_markup() {
        let hostile = "</pre><script>alert(\"1\")</script>&amp;";
        let node: Node = el("pre").attr("title", hostile).flag("hidden", true).with(hostile).into();
        assert_eq!(
            node.to_html(),
            "<pre title=\"&lt;/pre&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;\" hidden>\n\
             &lt;/pre&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;</pre>"
        );
    }

    #[test]
    fn pieces_stand_in_order() {
        let piece = live(|| vec![el("br"), el("i").with("x")]);
        let node: Node = el("p").with("a").with(piece).with(None::<Element>).all(["b", "c"]).into();
        assert_eq!(node.to_html(), "<p>a<br><i>x</i>bc</p>");
    }
}
