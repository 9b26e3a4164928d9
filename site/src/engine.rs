//! Sends questions to the engine, which runs in a worker: it is loaded for the first question, and
//! restarted after a failure or a stop. The audit module and the token counters have workers of their own.

use std::sync::{Arc, Mutex, PoisonError};

use leptos::prelude::*;
use promptdex_wire::Search;
use promptdex_wire::engine::Lists;
use serde::de::DeserializeOwned;

use crate::data::{LoadProblem, Pending};

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
        /// Whether words are compared however long it takes.
        is_full: bool,
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
    /// A question about the history, the releases or the policy: the name of a function of the audit
    /// module, and its arguments, lists of texts.
    Audit(&'static str, Lists),
    /// Renders a version document.
    Render {
        /// The document.
        version: String,
        /// An object of values.
        values: String,
    },
    /// Counts the tokens of texts, together.
    Count {
        /// What counts them: [`counter`] knows it.
        tokenizer: String,
        /// The texts.
        texts: Vec<String>,
    },
}

/// Sends a question, and reads the response into a type when it arrives.
pub fn ask<T: DeserializeOwned + Send + Sync + 'static>(question: Question, answer: Pending<T>) {
    ask_text(question, Box::new(move |text| answer.read(text)));
}

/// The response of a worker: JSON.
pub type Answer = Result<String, LoadProblem>;

/// Sends one question at a time; of the questions that come meanwhile, only the newest waits.
#[derive(Clone)]
pub struct LatestQuestion {
    arrive: Arc<dyn Fn(Answer) + Send + Sync>,
    /// Whether a response is pending.
    pub is_busy: ArcRwSignal<bool>,
    waiting: Arc<Mutex<Option<Question>>>,
}

impl LatestQuestion {
    /// Starts without a question. `arrive` takes the responses.
    pub fn new(arrive: impl Fn(Answer) + Send + Sync + 'static) -> Self {
        Self { arrive: Arc::new(arrive), is_busy: ArcRwSignal::new(false), waiting: Arc::default() }
    }

    /// Sends a question now, or when the previous response has arrived.
    pub fn ask(&self, question: Question) {
        if self.is_busy.get_untracked() {
            self.wait(Some(question));
        } else {
            self.is_busy.set(true);
            self.send(question);
        }
    }

    fn send(&self, question: Question) {
        let this = self.clone();
        let then = move |answer: Answer| {
            let is_over = answer == Err(LoadProblem::Stopped);
            (this.arrive)(answer);
            match this.wait(None).filter(|_| !is_over) {
                Some(question) => this.send(question),
                None => this.is_busy.set(false),
            }
        };
        ask_text(question, Box::new(then));
    }

    /// Puts a question in the place of the one that waits, which is returned.
    fn wait(&self, question: Option<Question>) -> Option<Question> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut waiting, question)
    }
}

#[cfg(not(feature = "csr"))]
fn ask_text(_: Question, _: Box<dyn FnOnce(Answer)>) {}

/// Stops the engine if it is at work. Pending questions fail as stopped; the next question restarts it.
pub fn stop() {
    #[cfg(feature = "csr")]
    worker::stop(worker::ENGINE, true);
}

/// Ends the worker that counts tokens, which holds a vocabulary.
pub fn forget_tokens() {
    #[cfg(feature = "csr")]
    worker::stop(worker::TOKENS, false);
}

/// Returns what counting exactly loads, such as `0.8 MB`, if this site can do it with a tokenizer.
pub fn counter(tokenizer: &str) -> Option<String> {
    #[cfg(feature = "csr")]
    return worker::counter(tokenizer).map(|(size, _)| size);
    #[cfg(not(feature = "csr"))]
    {
        let _ = tokenizer;
        None
    }
}

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

    use super::{Answer, LoadProblem, Question};

    type AnswerHandler = Box<dyn FnOnce(Answer)>;

    #[derive(Default)]
    struct WorkerState {
        worker: Option<Worker>,
        asked: u32,
        waiting: Vec<(u32, AnswerHandler)>,
    }

    /// The places of the workers.
    pub(super) const ENGINE: usize = 0;
    pub(super) const TOKENS: usize = 1;
    const AUDIT: usize = 2;

    thread_local! {
        static WORKERS: RefCell<[WorkerState; 3]> = RefCell::default();
    }

    pub(super) fn ask_text(question: Question, then: AnswerHandler) {
        let (place, url) = match &question {
            Question::Count { tokenizer, .. } => (TOKENS, counter(tokenizer).map(|(_, url)| url)),
            Question::Audit(..) => (AUDIT, attribute("audit")),
            _ => (ENGINE, attribute("engine")),
        };
        let failed = WORKERS.with_borrow_mut(|workers| {
            let running = &mut workers[place];
            running.wake(place, &url.unwrap_or_default());
            running.asked += 1;
            let message = js_sys::Array::of1(&running.asked.into());
            write(question, &message);
            match running.worker.as_ref().map(|worker| worker.post_message(&message)) {
                Some(Ok(())) => {
                    running.waiting.push((running.asked, then));
                    None
                }
                _ => Some(then),
            }
        });
        if let Some(then) = failed {
            then(Err(failure("could not start a web worker")));
        }
    }

    impl WorkerState {
        /// Starts the worker, unless it runs.
        fn wake(&mut self, place: usize, url: &str) {
            if self.worker.is_none() {
                // Without one, the question says so.
                self.worker = start(place, url).ok();
            }
        }
    }

    /// Starts the engine, unless it runs.
    pub fn wake() {
        let url = attribute("engine").unwrap_or_default();
        WORKERS.with_borrow_mut(|workers| workers[ENGINE].wake(ENGINE, &url));
    }

    /// Ends a worker; the next question starts another.
    pub(super) fn stop(place: usize, only_busy: bool) {
        end(place, only_busy, &LoadProblem::Stopped);
    }

    fn end(place: usize, only_busy: bool, problem: &LoadProblem) {
        let waiting = WORKERS.with_borrow_mut(|workers| {
            let running = &mut workers[place];
            if only_busy && running.waiting.is_empty() {
                return Vec::new();
            }
            if let Some(worker) = running.worker.take() {
                worker.terminate();
            }
            std::mem::take(&mut running.waiting)
        });
        for (_, then) in waiting {
            then(Err(problem.clone()));
        }
    }

    fn failure(text: &str) -> LoadProblem {
        LoadProblem::Format(text.to_owned())
    }

    /// Reads what the boot script has left for the app.
    fn attribute(name: &str) -> Option<String> {
        let root = leptos::tachys::dom::document().document_element()?;
        root.get_attribute(&format!("data-{name}"))
    }

    /// Returns what counting with a tokenizer loads, and the address of the worker.
    pub(super) fn counter(tokenizer: &str) -> Option<(String, String)> {
        let counter = attribute(tokenizer)?;
        let (size, url) = counter.split_once('|')?;
        Some((size.to_owned(), url.to_owned()))
    }

    fn start(place: usize, url: &str) -> Result<Worker, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(url, &options)?;
        let answered = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let answer: js_sys::Array = event.data().unchecked_into();
            let number = answer.get(0).as_f64().unwrap_or_default();
            let text = |at| answer.get(at).as_string().unwrap_or_default();
            let then = WORKERS.with_borrow_mut(|workers| {
                let is_it = |(asked, _): &(u32, AnswerHandler)| f64::from(*asked) == number;
                let waiting = &mut workers[place].waiting;
                let at = waiting.iter().position(is_it);
                at.map(|at| waiting.remove(at).1)
            });
            if let Some(then) = then {
                let problem = text(2);
                if problem.is_empty() {
                    then(Ok(text(1)));
                } else {
                    // What failed inside is not to be trusted with the next question.
                    end(place, false, &failure(&problem));
                    then(Err(failure(&problem)));
                }
            }
        });
        worker.set_onmessage(Some(answered.as_ref().unchecked_ref()));
        let failed = Closure::<dyn Fn(JsValue)>::new(move |_: JsValue| {
            end(place, false, &failure("web worker failed to load"));
        });
        worker.set_onerror(Some(failed.as_ref().unchecked_ref()));
        // A worker is started once, and again only after it has ended: its listeners are left to the page.
        answered.forget();
        failed.forget();
        Ok(worker)
    }

    /// Adds the name of the function and its values.
    fn write(question: Question, message: &js_sys::Array) {
        let push = |value: JsValue| {
            message.push(&value);
        };
        match question {
            Question::Compare { a, b, ignores_whitespace, is_full } => {
                push("compare".into());
                push(a.into());
                push(b.into());
                push(ignores_whitespace.into());
                push(is_full.into());
            }
            Question::CompareCases { a, b, cases, ignores_whitespace, is_full } => {
                push("compare_cases".into());
                push(a.into());
                push(b.into());
                push(cases.into());
                push(ignores_whitespace.into());
                push(is_full.into());
            }
            Question::Render { version, values } => {
                push("render".into());
                push(version.into());
                push(values.into());
            }
            Question::Count { tokenizer, texts } => {
                push("count".into());
                push(tokenizer.into());
                push(list(texts).into());
            }
            Question::Search { words, search } => {
                push("search".into());
                push(list(words).into());
                push(search.names.to_string().into());
                push(list(search.shards).into());
            }
            Question::Audit(name, lists) => {
                push(name.into());
                lists.into_iter().for_each(|texts| push(list(texts).into()));
            }
            Question::Find(prompts) => {
                push("find".into());
                let all = js_sys::Array::new();
                for prompt in prompts {
                    all.push(&list(prompt));
                }
                push(all.into());
            }
        }
    }

    fn list(texts: Vec<String>) -> js_sys::Array {
        let array = js_sys::Array::new();
        for text in texts {
            array.push(&text.into());
        }
        array
    }
}
