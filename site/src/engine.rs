//! Asks the engine, which runs in a worker: it loads when the first question is asked, and is started
//! anew after a failure.

use promptdex_wire::Search;
use promptdex_wire::engine::Lists;

use crate::data::json::{self, Value};
use crate::data::{Pending, Problem};

/// A question: the name of a function of the engine, and its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Compares two version documents.
    Compare {
        /// The first document.
        a: String,
        /// The second document.
        b: String,
        /// Whether a difference in white space alone is none.
        ignores_whitespace: bool,
        /// Whether words are compared however long it takes.
        is_full: bool,
    },
    /// Renders the cases of a cases document by two versions.
    CompareCases {
        /// The first document.
        a: String,
        /// The second document.
        b: String,
        /// The cases document.
        cases: String,
        /// Whether a difference in white space alone is none.
        ignores_whitespace: bool,
    },
    /// Looks for words in the texts of prompts, in no hurry.
    Search {
        /// The words.
        words: Vec<String>,
        /// Where their terms are.
        search: Search,
    },
    /// Looks for words in the documents of prompts: for each the words, and then its name.
    Find(Lists),
    /// Renders a version document.
    Render {
        /// The document.
        version: String,
        /// An object of values.
        values: String,
    },
}

/// Asks, and reads the answer into a type when it comes.
pub fn ask<T: serde::de::DeserializeOwned + Send + Sync + 'static>(
    question: Question,
    answer: Pending<T>,
) {
    ask_text(question, move |text| {
        let read = text.and_then(|text| {
            let value = json::parse(&text).map_err(|error| error.to_string())?;
            match value.get("failed").and_then(Value::as_str) {
                Some(failed) => Err(failed.to_owned()),
                None => value.read::<T>().map_err(|error| error.to_string()),
            }
        });
        match read {
            Ok(read) => answer.arrive(read),
            Err(error) => answer.fail(Some(Problem::Format(error))),
        }
    });
}

#[cfg(not(feature = "csr"))]
fn ask_text(_: Question, _: impl FnOnce(Result<String, String>) + 'static) {}

/// Loads the engine before the first question.
#[cfg(not(feature = "csr"))]
pub fn wake() {}

#[cfg(feature = "csr")]
use worker::ask_text;
#[cfg(feature = "csr")]
pub use worker::wake;

#[cfg(feature = "csr")]
mod worker {
    use std::cell::RefCell;

    use wasm_bindgen::closure::Closure;
    use wasm_bindgen::{JsCast as _, JsValue};
    use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

    use super::Question;

    type Then = Box<dyn FnOnce(Result<String, String>)>;

    #[derive(Default)]
    struct Engine {
        worker: Option<Worker>,
        asked: u32,
        waiting: Vec<(u32, Then)>,
    }

    thread_local! {
        static ENGINE: RefCell<Engine> = RefCell::default();
    }

    pub(super) fn ask_text(
        question: Question,
        then: impl FnOnce(Result<String, String>) + 'static,
    ) {
        wake();
        let failed = ENGINE.with_borrow_mut(|engine| {
            engine.asked += 1;
            let message = js_sys::Array::of1(&engine.asked.into());
            for value in values(question) {
                message.push(&value);
            }
            match engine.worker.as_ref().map(|worker| worker.post_message(&message)) {
                Some(Ok(())) => {
                    engine.waiting.push((engine.asked, Box::new(then)));
                    None
                }
                _ => Some(then),
            }
        });
        if let Some(then) = failed {
            then(Err("the browser does not start the worker that does this".to_owned()));
        }
    }

    /// Starts the worker, unless it runs.
    pub fn wake() {
        ENGINE.with_borrow_mut(|engine| {
            if engine.worker.is_none() {
                // Without one, the question says so.
                engine.worker = start().ok();
            }
        });
    }

    /// Ends a worker that has failed; the next question starts another.
    fn stop() {
        let waiting = ENGINE.with_borrow_mut(|engine| {
            if let Some(worker) = engine.worker.take() {
                worker.terminate();
            }
            std::mem::take(&mut engine.waiting)
        });
        for (_, then) in waiting {
            then(Err("stopped".to_owned()));
        }
    }

    fn start() -> Result<Worker, JsValue> {
        let root = leptos::tachys::dom::document().document_element();
        let url = root.and_then(|root| root.get_attribute("data-worker")).unwrap_or_default();
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&url, &options)?;
        let answered = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
            let answer: js_sys::Array = event.data().unchecked_into();
            let number = answer.get(0).as_f64().unwrap_or_default();
            let text = |at| answer.get(at).as_string().unwrap_or_default();
            let then = ENGINE.with_borrow_mut(|engine| {
                let is_it = |(asked, _): &(u32, Then)| f64::from(*asked) == number;
                let at = engine.waiting.iter().position(is_it);
                at.map(|at| engine.waiting.remove(at).1)
            });
            if let Some(then) = then {
                let problem = text(2);
                if problem.is_empty() {
                    then(Ok(text(1)));
                } else {
                    then(Err(problem));
                    // What failed inside is not to be trusted with the next question.
                    stop();
                }
            }
        });
        worker.set_onmessage(Some(answered.as_ref().unchecked_ref()));
        let failed = Closure::<dyn Fn(JsValue)>::new(|_: JsValue| stop());
        worker.set_onerror(Some(failed.as_ref().unchecked_ref()));
        // A worker is started once, and again only after a failure: its listeners are left to the page.
        answered.forget();
        failed.forget();
        Ok(worker)
    }

    fn values(question: Question) -> Vec<JsValue> {
        match question {
            Question::Compare { a, b, ignores_whitespace, is_full } => vec![
                "compare".into(),
                a.into(),
                b.into(),
                ignores_whitespace.into(),
                is_full.into(),
            ],
            Question::CompareCases { a, b, cases, ignores_whitespace } => vec![
                "compare_cases".into(),
                a.into(),
                b.into(),
                cases.into(),
                ignores_whitespace.into(),
            ],
            Question::Render { version, values } => {
                vec!["render".into(), version.into(), values.into()]
            }
            Question::Search { words, search } => vec![
                "search".into(),
                texts(words).into(),
                search.names.to_string().into(),
                texts(search.shards).into(),
            ],
            Question::Find(prompts) => {
                let list = js_sys::Array::new();
                for prompt in prompts {
                    list.push(&texts(prompt));
                }
                vec!["find".into(), list.into()]
            }
        }
    }

    fn texts(texts: Vec<String>) -> js_sys::Array {
        let array = js_sys::Array::new();
        for text in texts {
            array.push(&text.into());
        }
        array
    }
}
