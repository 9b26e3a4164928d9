//! The page of a prompt: what each environment serves, one version in full, the way to the others.

use std::sync::Arc;

use leptos::prelude::*;
use promptdex_reader::parse;
use promptdex_wire::catalog::{
    Case, Cases, Catalog, State, TestResult, Update, VersionRow, Versions,
};
use promptdex_wire::engine::Rendering;
use promptdex_wire::{Environment, Json, PromptName, RegistryPath, Variable, VersionDocument};

use super::diff::CompareView;
use super::play::Play;
use crate::components::audit::{LazyDetails, query_worker};
use crate::components::chosen_version::{VersionNotFound, find_version};
use crate::components::event::list_event_cells;
use crate::components::held_back::HeldBack;
use crate::components::link::{DocumentLink, ExternalLink, is_web};
use crate::components::load_state::{Loaded, ready_or_view};
use crate::components::message::{JsonBlock, MessageSection};
use crate::components::nearest::NearestPrompts;
use crate::components::pages::ShowMore;
use crate::components::rendering::Rendered;
use crate::components::section::{Fact, Section};
use crate::components::table::{Table, titles};
use crate::components::version::{Served, State, Tags, difference_badge};
use crate::context::{CurrentRoute, use_registry, use_route};
use crate::data::{LoadState, Pending, PublishedVersion, Store, VersionOrReason};
use crate::engine::{Question, ask};
use crate::model::differences::{EnvironmentDifference, list_differences};
use crate::model::page_documents::cases;
use crate::model::prompt::{self, EnvironmentRow, environments, environments_serving, has_text};
use crate::model::query::{Field, Query};
use crate::model::shown_documents::ShownRegistry;
use crate::model::snippets::{Language, SnippetAddress, snippet};
use crate::route::{Audit, Choice, Route, View};
use crate::text::{
    count, explain_masked_values, format_age, format_decimal, format_number, format_time,
    shorten_digest, size,
};
use crate::view::{reactive, view};

/// The page.
#[component]
pub fn Prompt(
    /// The prompt.
    name: PromptName,
) -> impl IntoView {
    let versions = Store::get().document::<Versions>(RegistryPath::Versions(name.clone()));
    let registry = use_registry();
    let route = use_route();
    reactive(move || match versions.get() {
        LoadState::Absent => view! { <Absent name=&name/> },
        load => match (ready_or_view(load, "prompt"), registry.get()) {
            (Ok(versions), Some(registry)) => view! { <Views versions registry route/> },
            (Ok(_), None) => ().into_any(),
            (Err(state), _) => state,
        },
    })
}

#[component]
fn Absent<'a>(name: &'a PromptName) -> AnyView {
    view! {
        <h1>"Prompt "<code>{name.to_string()}</code>" not found"</h1>
        <p>"It may have been renamed, or it is in a different registry."</p>
        <NearestPrompts name=name.as_str()/>
        <p><a href="./">"All prompts"</a></p>
    }
}

/// What of the prompt the address shows.
#[component]
fn Views(
    versions: Arc<Versions>,
    registry: Arc<ShownRegistry>,
    route: CurrentRoute,
) -> impl IntoView {
    // A view stays when only what it shows of itself changes.
    let view = Memo::new(move |_| match route.get() {
        Some(Route::Prompt(name, View::Compare(_))) => {
            Some(Route::compare(&name, Choice::Default, Choice::Default))
        }
        Some(Route::Prompt(name, View::Play(_))) => {
            Some(Route::Prompt(name, View::Play(Choice::Default)))
        }
        route => route.map(|route| route.of_page()),
    });
    reactive(move || {
        let (versions, registry) = (Arc::clone(&versions), Arc::clone(&registry));
        match view.get() {
            Some(Route::Prompt(_, View::Compare(_))) => view! {
                <Title name=versions.name.clone() after=": compare"/>
                <CompareView versions registry route/>
            },
            Some(Route::Prompt(_, View::Play(_))) => view! {
                <Title name=versions.name.clone() after=": playground"/>
                <Play versions registry route/>
            },
            _ => view! { <OneVersion versions registry route/> },
        }
    })
}

/// The name of the prompt: its folders, and its own part, which leads to its page.
#[component]
fn Title(name: PromptName, #[prop(optional)] after: &'static str) -> impl IntoView {
    let folder = name.domain().map(|domain| {
        let to = Route::Catalogue(Query::default().with_only(Field::Folder, domain)).to_string();
        view! { <a class="folder" href=to>{format!("{domain}/")}</a> }
    });
    let leaf = name.leaf().to_owned();
    if after.is_empty() {
        return view! { <h1>{folder} {leaf}</h1> };
    }
    let href = Route::prompt(&name).to_string();
    view! {
        <h1>
            {folder}
            <a class="leaf" href=href>{leaf}</a>
            <span class="folder">{after}</span>
        </h1>
    }
}

/// One version, and the way to the others.
#[component]
fn OneVersion(
    versions: Arc<Versions>,
    registry: Arc<ShownRegistry>,
    route: CurrentRoute,
) -> impl IntoView {
    let version = {
        let (versions, registry) = (Arc::clone(&versions), Arc::clone(&registry));
        reactive(move || {
            match find_version(&versions, &registry.environments, &Route::choice(route.get())) {
                Ok(row) => view! { <Version versions=&versions registry=&registry row=&row/> },
                Err(reason) => view! { <VersionNotFound name=&versions.name reason/> },
            }
        })
    };
    let name = versions.name.clone();
    let list = list_versions(&versions, &versions, 0, &registry, route);
    view! {
        <Heading versions=&versions registry=&registry/>
        <Environments versions=&versions registry=&registry/>
        {version}
        <Section id="versions" title="Versions">{list}</Section>
        <IncludedBy name=name.clone()/>
        <History name/>
    }
}

#[component]
fn Heading<'a>(versions: &'a Versions, registry: &'a ShownRegistry) -> AnyView {
    let subtitle = versions.title.clone();
    let subtitle = subtitle.map(|title| view! { <p class="title" dir="auto">{title}</p> });
    let tags = (!versions.tags.is_empty()).then(|| view! { <Tags tags=&versions.tags/> });
    let named = [("Owners", &versions.owners), ("Team", &versions.teams)];
    let named = named.into_iter().filter(|(_, names)| !names.is_empty());
    let owners: Vec<String> =
        named.map(|(word, names)| format!("{word}: {}", names.join(", "))).collect();
    let owners = (!owners.is_empty()).then(|| view! { <p class="owners">{owners.join(" · ")}</p> });
    let edit = edit_url(registry, &versions.name).map(|url| {
        view! { <a class="edit" href=url rel="external noopener">"View source"</a> }
    });
    let replaced = versions.replaced_by.as_ref().map(|by| {
        let href = Route::prompt(by).to_string();
        view! { <p class="notice warn">"Replaced by "<a href=href>{by.to_string()}</a></p> }
    });
    view! {
        <div class="heading">
            <Title name=versions.name.clone()/>
            {subtitle}
            {paragraph(versions.about.as_deref())}
            {tags}
            {owners}
            {edit}
            {replaced}
            <HeldBack name=Some(versions.name.clone())/>
        </div>
    }
}

/// Returns the address of the prompt's folder where the registry's source is.
fn edit_url(registry: &ShownRegistry, name: &PromptName) -> Option<String> {
    let repository = registry.repository.as_ref()?;
    let branch = repository.branch.as_deref().unwrap_or("main");
    let folder = repository.path.as_deref().unwrap_or("").trim_matches('/');
    let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let url = repository.url.trim_end_matches('/').trim_end_matches(".git");
    is_web(url).then(|| format!("{url}/tree/{branch}/{folder}{name}"))
}

fn paragraph(text: Option<&str>) -> Option<AnyView> {
    text.map(|text| view! { <p dir="auto">{text.to_owned()}</p> })
}

/// What each environment serves.
#[component]
fn Environments<'a>(versions: &'a Versions, registry: &'a ShownRegistry) -> AnyView {
    let name = &versions.name;
    let differences: Vec<EnvironmentDifference<'_>> =
        list_differences(&registry.environments, &versions.pointers).collect();
    let row = |row: EnvironmentRow| {
        let path = RegistryPath::Latest(name.clone(), row.name.clone());
        let target = versions.pointers.get(&row.name);
        let since = row.sequence.map(|sequence| format!("release {sequence}"));
        let update = versions.updates.get(&row.name).filter(|_| target.is_some());
        let update = update.map(|update| view! { <PointerChange update/> });
        let differs = differences.iter().find(|own| *own.environment == row.name);
        let differs = differs.map(|own| {
            let [here, previous] =
                [own.environment, own.previous].map(|name| Choice::Environment(name.clone()));
            let number =
                versions.versions.iter().filter(|row| own.is_between(&row.version)).count();
            // The two differ as they do since the later of their moves.
            let moves = [own.environment, own.previous].map(|name| versions.updates.get(name));
            let moves = moves.into_iter().flatten().filter_map(|update| update.updated_at.as_ref());
            let age = moves.max().and_then(|at| format_age(at.as_str()));
            // On a line of its own: the row is that high anyway, so that nothing moves when the app starts.
            let age = age.map(|age| view! { <small class="moved">{age}</small> });
            let badge = difference_badge(
                own,
                number,
                Some(Route::compare(name, here, previous).to_string()),
            );
            view! { {badge} {age} }
        });
        let json = target.map(|_| view! { <DocumentLink path>"JSON"</DocumentLink> });
        vec![
            row.name.to_string().into_any(),
            view! { <Served name target/> },
            view! { {since} {update} },
            view! { {differs} },
            json.into_any(),
        ]
    };
    let rows = environments(versions, &registry.environments).into_iter().map(row).collect();
    let titles =
        titles(["Environment", "Version", "Live since", "vs. previous environment", "Data"]);
    let table = view! { <Table label="Environments" titles rows/> };
    view! { <Section id="environments" title="Environments">{table}</Section> }
}

/// Who moved a pointer, when and why.
#[component]
fn PointerChange<'a>(update: &'a Update) -> impl IntoView {
    let at = update.updated_at.as_ref().map(|at| format_time(at.as_str()));
    let facts: Vec<String> = at.into_iter().chain(update.updated_by.clone()).collect();
    let small = |text: String| view! { <small class="moved" dir="auto">{text}</small> };
    let reason = update.reason.as_ref().map(|reason| small(reason.clone()));
    view! { {small(facts.join(", "))} {reason} }
}

/// One version, once its document is loaded.
#[component]
fn Version<'a>(
    versions: &'a Arc<Versions>,
    registry: &'a Arc<ShownRegistry>,
    row: &'a VersionRow,
) -> AnyView {
    let store = Store::get();
    let (path, blob) = prompt::document(versions, row);
    let document = store.verified_document::<PublishedVersion>(path, blob);
    let cases = cases(&versions.name, row).map(|path| store.document::<Cases>(path));
    let (row, versions, registry) = (row.clone(), Arc::clone(versions), Arc::clone(registry));
    view! {
        <Loaded of=document what="text of this version" let:document>
            {match &document.published {
                VersionOrReason::Version(version) => {
                    let cases = cases.clone().map(|cases| {
                        view! { <CaseSection cases version=Arc::clone(&document)/> }
                    });
                    view! {
                        <VersionInFull
                            document=version
                            versions=&versions
                            registry=&registry
                            row=&row
                            cases
                        />
                    }
                }
                VersionOrReason::Redacted(reason) => {
                    let text = format!("This version was redacted: {reason}");
                    view! { <p class="notice error">{text}</p> }
                }
            }}
        </Loaded>
    }
}

#[component]
fn VersionInFull<'a>(
    document: &'a VersionDocument,
    versions: &'a Versions,
    registry: &'a ShownRegistry,
    row: &'a VersionRow,
    cases: Option<AnyView>,
) -> impl IntoView {
    let page = Route::version(&document.name, &document.version).to_string();
    let dialect = document.template;
    let messages = document.messages.iter().enumerate().map(|(at, message)| {
        view! { <MessageSection message dialect number=at + 1 prefix="m" page=&page/> }
    });
    let messages = messages.collect_view();
    let variables = (!document.variables.is_empty()).then(|| {
        let table = view! { <Variables variables=&document.variables/> };
        view! { <Section id="variables" title="Variables">{table}</Section> }
    });
    let settings = view! { <Settings document/> };
    let json = |id: &'static str, title: &'static str, value: &Option<Json>| {
        value.as_ref().map(|value| {
            let block = view! { <JsonBlock text=value.text()/> };
            view! { <Section id title>{block}</Section> }
        })
    };
    let examples = document.examples.as_ref().filter(|list| !list.is_empty()).map(|list| {
        let list = list.iter().map(|example| view! { <Example example/> }).collect_view();
        view! {
            <Section id="examples" title="Examples">
                <ol class="examples">{list}</ol>
            </Section>
        }
    });
    let includes = (!document.includes.is_empty()).then(|| {
        let links = document.includes.0.keys().map(|included| {
            let href = Route::version(&included.name, &included.version).to_string();
            view! { <li><a href=href>{included.to_string()}</a></li> }
        });
        let links = links.collect_view();
        view! { <Section id="includes" title="Includes"><ul class="names">{links}</ul></Section> }
    });
    let is_usual = row.state == State::Active;
    let reason = row.reason.as_ref().filter(|_| !is_usual).map(|reason| {
        view! {
            <p class="notice warn">
                <State of=&row.state/>
                " "
                <span dir="auto">{reason.clone()}</span>
            </p>
        }
    });
    let snippets = view! { <Snippets versions registry row/> };
    view! {
        <div class="version">
            <h2 id="version">{format!("Version {}", document.version)}</h2>
            <Origin document versions registry row/>
            {paragraph(document.description.as_deref())}
            {reason}
            <Section id="messages" title="Messages">{messages}</Section>
            {variables}
            <Section id="settings" title="Settings">{settings}</Section>
            {json("tools", "Tools", &document.tools)}
            {json("response", "Response schema", &document.response_schema)}
            {examples}
            {cases}
            {includes}
            <Section id="use" title="Use in your app">{snippets}</Section>
        </div>
    }
}

/// Where a version is served, who made it, and its bytes.
#[component]
fn Origin<'a>(
    document: &'a VersionDocument,
    versions: &'a Versions,
    registry: &'a ShownRegistry,
    row: &'a VersionRow,
) -> impl IntoView {
    let served_by = environments_serving(versions, &registry.environments, &document.version);
    let served_by: Vec<&str> = served_by.map(Environment::as_str).collect();
    let served_by = if served_by.is_empty() {
        "Not live".to_owned()
    } else {
        format!("Live in {}", served_by.join(", "))
    };
    let by = document.created_by.as_ref().map(|by| format!(" by {by}"));
    let at = document.created_at.as_ref().map(|at| format!(" on {}", format_time(at.as_str())));
    let created = (by.is_some() || at.is_some()).then_some(" · created");
    let path = RegistryPath::Version(document.name.clone(), document.version.clone());
    let digest = row.digest.to_string();
    let short = shorten_digest(&digest);
    let here = Choice::Version(document.version.clone());
    let compare = Route::compare(&document.name, here, Choice::Default).to_string();
    let play = Route::play(&document.name, &document.version).to_string();
    view! {
        <p class="aside">
            {served_by}
            {created}
            {by}
            {at}
            " · "
            <a href=play>"Render"</a>
            " · "
            <a href=compare>"Compare"</a>
            " · "
            <DocumentLink path>"JSON"</DocumentLink>
            " · "
            <code title=digest>{short}</code>
        </p>
    }
}

#[component]
fn Variables<'a>(variables: &'a [Variable]) -> impl IntoView {
    let row = |variable: &Variable| {
        let required = if variable.required { "required " } else { "optional " };
        let sensitive =
            variable.sensitive.then(|| view! { <span class="state warn">"sensitive"</span> });
        let default = variable.default.as_ref();
        let default = default.map(|default| view! { <code>{default.text().to_owned()}</code> });
        let description = variable.description.clone();
        let description = description.map(|text| view! { <div dir="auto">{text}</div> });
        vec![
            view! { <code class="placeholder">{variable.name.clone()}</code> },
            prompt::type_in_words(&variable.shape()).into_any(),
            view! { {required} {sensitive} },
            default.into_any(),
            description.into_any(),
        ]
    };
    let rows = variables.iter().map(row).collect();
    let titles = titles(["Name", "Type", "Required", "Default", "Description"]);
    view! { <Table label="Variables" titles rows/> }
}

#[component]
fn Settings<'a>(document: &'a VersionDocument) -> impl IntoView {
    let fact = |term: &'static str, text: Option<String>| {
        text.map(|text| view! { <Fact term>{text}</Fact> })
    };
    let json = |term: &'static str, value: &Option<Json>| {
        value.as_ref().map(|value| {
            let block = view! { <JsonBlock text=value.text()/> };
            view! { <Fact term>{block}</Fact> }
        })
    };
    let budget = document.token_budget.map(|budget| count(size(budget), "token"));
    let temperature = document.temperature.map(|number| format_decimal(number.get()));
    let tags = (!document.tags.is_empty()).then(|| document.tags.join(", "));
    let origin = document.origin.as_ref().map(|origin| {
        let known = [&origin.system, &origin.name, &origin.version];
        let known: Vec<&str> = known.into_iter().flatten().map(String::as_str).collect();
        let known = known.join(" ");
        let link = origin.url.clone().map(|url| view! { <ExternalLink url/> });
        view! { <Fact term="Imported from">{known} " " {link}</Fact> }
    });
    view! {
        <dl class="facts">
            {fact("Model", document.model.clone())}
            {fact("Temperature", temperature)}
            {fact("Token budget", budget)}
            {fact("Dialect", Some(document.template.as_str().to_owned()))}
            {fact("Tags", tags)}
            {json("Parameters", &document.parameters)}
            {json("Metadata", &document.metadata)}
            {origin}
        </dl>
    }
}

#[component]
fn Example<'a>(example: &'a Json) -> impl IntoView {
    let Ok(value) = parse(example.text()) else {
        return view! { <li><JsonBlock text=example.text()/></li> };
    };
    let side = |label: &'static str, key: &str| {
        let side = value.get(key)?;
        let text = match side.as_str() {
            Some(text) => prose(text),
            None => view! { <JsonBlock text=side.text()/> },
        };
        Some(view! { <h3>{label}</h3> {text} })
    };
    view! { <li>{side("Input", "input")} {side("Output", "output")}</li> }
}

fn prose(text: &str) -> AnyView {
    view! { <p class="prose" dir="auto">{text.to_owned()}</p> }
}

/// The stored inputs of a version, once they are there.
#[component]
fn CaseSection(cases: Pending<Cases>, version: Arc<PublishedVersion>) -> impl IntoView {
    let list = view! {
        <Loaded of=cases what="test cases" let:cases>
            {view! { <CaseList cases=&cases version=&version/> }}
        </Loaded>
    };
    view! { <Section id="cases" title="Test cases">{list}</Section> }
}

#[component]
fn CaseList<'a>(cases: &'a Cases, version: &'a Arc<PublishedVersion>) -> impl IntoView {
    let page = Route::version(&cases.name, &cases.version).to_string();
    let by = cases.tokenizer.as_ref().map(|tokenizer| {
        view! { <p class="aside">{format!("Tokenizer: {tokenizer}")}</p> }
    });
    let rows = cases.cases.iter().enumerate().map(|(at, case)| {
        view! { <CaseRow case version id=format!("r{}", at + 1) page=page.clone()/> }
    });
    let rows = rows.collect_view();
    view! { {by} <ul class="cases">{rows}</ul> }
}

/// The inputs of a test case, its expectations, and its rendering once it is opened.
#[component]
fn CaseRow<'a>(
    case: &'a Case,
    version: &'a Arc<PublishedVersion>,
    id: String,
    page: String,
) -> impl IntoView {
    let prefix = format!("{id}-");
    let answer = Pending::<Rendering>::default();
    let open = {
        let (answer, version) = (answer.clone(), Arc::clone(version));
        let values = case.variables.text().to_owned();
        move |_| {
            if let LoadState::Loading = answer.get_untracked() {
                let (version, values) = (version.text.clone(), values.clone());
                ask(Question::Render { version, values }, answer.clone());
            }
        }
    };
    // The browser adds it.
    let rendered = cfg!(not(feature = "ssr")).then(|| {
        let masked = describe_masked_values(case, version);
        view! { <RenderedCase answer masked prefix page/> }
    });
    // A place in the output opens the case that has it.
    let tokens = case.tokens.map(|tokens| count(size(tokens), "token"));
    view! {
        <li>
            <details id=id on:toggle=open>
                <summary>
                    <span dir="auto">{case.name.clone()}</span>
                    " "
                    <span class="number">{tokens}</span>
                </summary>
                <h3>"Inputs"</h3>
                <JsonBlock text=case.variables.text()/>
                <Expectations case/>
                {rendered}
            </details>
        </li>
    }
}

/// Explains that values of a test case are masked, if some are.
fn describe_masked_values(case: &Case, version: &PublishedVersion) -> Option<String> {
    let VersionOrReason::Version(version) = &version.published else { return None };
    let values = parse(case.variables.text()).ok()?;
    let is_masked =
        |variable: &&Variable| variable.sensitive && values.get(&variable.name).is_some();
    let masked = version.variables.iter().filter(is_masked);
    explain_masked_values(masked.map(|variable| variable.name.as_str()))
}

/// What a case renders to.
#[component]
fn RenderedCase(
    answer: Pending<Rendering>,
    masked: Option<String>,
    prefix: String,
    page: String,
) -> impl IntoView {
    view! {
        <h3>"Output"</h3>
        {masked.map(|text| view! { <p class="notice">{text}</p> })}
        <Loaded of=answer what="rendering" let:answer>
            <Rendered rendering=&answer prefix=&prefix page=&page/>
        </Loaded>
    }
}

#[component]
fn Expectations<'a>(case: &'a Case) -> impl IntoView {
    let expect = case.expect.as_ref()?;
    let texts = |term: &'static str, texts: &[String]| {
        let facts = texts.iter().map(|text| {
            let text = prose(text);
            view! { <Fact term>{text}</Fact> }
        });
        facts.collect_view()
    };
    let most = expect.max_tokens.map(|most| {
        view! { <Fact term="has at most">{format!("{most} tokens")}</Fact> }
    });
    Some(view! {
        <h3>"Expected output"</h3>
        <dl class="facts">
            {texts("equals", expect.equals.as_slice())}
            {texts("contains", &expect.contains)}
            {texts("does not contain", &expect.not_contains)}
            {texts("matches", expect.matches.as_slice())}
            {most}
        </dl>
    })
}

/// How an app reads the prompt, in some languages.
#[component]
fn Snippets<'a>(
    versions: &'a Versions,
    registry: &'a ShownRegistry,
    row: &'a VersionRow,
) -> impl IntoView {
    let name = &versions.name;
    let base = registry.url.as_deref().unwrap_or("https://prompts.example.com/");
    let mut environments = registry.environments.iter().rev();
    let environment = environments.find(|name| versions.pointers.contains_key(*name));
    let floating = environment.map(|environment| {
        let address = SnippetAddress::Environment(name.clone(), environment.clone());
        let title = format!("Live in {environment}");
        view! { <SnippetGroup title address=&address base/> }
    });
    let address = SnippetAddress::Pinned(name.clone(), row.version.clone(), row.digest);
    let title = format!("Pinned to {}", row.version);
    view! {
        <div class="snippets">
            {floating}
            <SnippetGroup title address=&address base/>
        </div>
    }
}

#[component]
fn SnippetGroup<'a>(title: String, address: &'a SnippetAddress, base: &'a str) -> impl IntoView {
    let blocks = Language::ALL.into_iter().map(|language| {
        let text = snippet(language, address, base);
        let label = format!("{}: {title}", language.name());
        view! {
            <details name=title.clone() open=language == Language::Curl>
                <summary>{language.name()}</summary>
                <pre tabindex="0" aria-label=label>{text}</pre>
            </details>
        }
    });
    let blocks = blocks.collect_view();
    view! { <h3>{title}</h3> {blocks} }
}

/// The versions that a file lists, the highest first, and the way to those that were published before them. `above` is the
/// number of versions that are listed above.
fn list_versions(
    newest: &Arc<Versions>,
    file: &Arc<Versions>,
    above: usize,
    registry: &Arc<ShownRegistry>,
    route: CurrentRoute,
) -> AnyView {
    let is_listed = |row: &&VersionRow| row.state != State::Archived;
    let all = above + file.versions.iter().filter(is_listed).count();
    let rows = {
        let (newest, file, registry) = (Arc::clone(newest), Arc::clone(file), Arc::clone(registry));
        reactive(move || {
            let choice = Route::choice(route.get());
            let shown = find_version(&newest, &registry.environments, &choice).ok();
            let row = |row: &VersionRow| {
                let shown = shown.as_ref();
                view! { <TimelineRow file=&file newest=&newest registry=&registry row shown/> }
            };
            file.versions.iter().filter(is_listed).map(row).collect_view()
        })
    };
    let older = file.older.map(|page| {
        let label = {
            let file = Arc::clone(file);
            move || match count_older(&file, all) {
                Some(0) => None,
                Some(left) => Some(format!("Show older versions ({})", format_number(left))),
                None => Some("Show older versions".to_owned()),
            }
        };
        let (newest, registry) = (Arc::clone(newest), Arc::clone(registry));
        let show = move || {
            let (newest, registry) = (Arc::clone(&newest), Arc::clone(&registry));
            let file = Store::get().older_versions(page);
            view! {
                <Loaded of=file what="list of older versions" let:file>
                    {list_versions(&newest, &file, all, &registry, route)}
                </Loaded>
            }
        };
        view! {
            <ShowMore
                id=format!("versions-{all}")
                file=RegistryPath::Snapshot(page.digest)
                label=Box::new(label)
                show=Box::new(show)
            />
        }
    });
    view! { <ol class="timeline">{rows}</ol> {older} }
}

/// Returns how many versions are listed in older files, once it is known. The compiler has these files; the app takes the
/// number of all versions from the catalog, without those that are listed already.
fn count_older(file: &Versions, listed: usize) -> Option<usize> {
    let store = Store::get();
    if cfg!(feature = "ssr") {
        let (mut number, mut next) = (0, file.older);
        while let Some(page) = next {
            let file = store.older_versions(page).get().ready()?;
            number += file.versions.iter().filter(|row| row.state != State::Archived).count();
            next = file.older;
        }
        return Some(number);
    }
    let catalog = store.document::<Catalog>(RegistryPath::Catalog).get().ready()?;
    let prompt = catalog.prompts.iter().find(|prompt| prompt.name == file.name)?;
    Some(size(prompt.version_count).saturating_sub(listed))
}

#[component]
fn TimelineRow<'a>(
    /// The file that lists it.
    file: &'a Versions,
    /// What the newest file says of all versions.
    newest: &'a Versions,
    registry: &'a ShownRegistry,
    row: &'a VersionRow,
    /// The version that the page shows.
    shown: Option<&'a VersionRow>,
) -> impl IntoView {
    let is_shown = shown.is_some_and(|shown| shown.version == row.version);
    // The one that is shown, with what it changed; another one, with the one that is shown.
    let position = file.versions.iter().position(|other| other.version == row.version);
    let below = position.and_then(|at| file.versions.get(at + 1));
    let (other, word) = if is_shown { (below, "Changes since") } else { (shown, "Compare with") };
    let other = other.filter(|other| has_text(other) && has_text(row));
    let compare = other.map(|other| {
        let choice = |row: &VersionRow| Choice::Version(row.version.clone());
        let to = Route::compare(&newest.name, choice(other), choice(row)).to_string();
        view! { " "<a class="compare" href=to>{format!("{word} {}", other.version)}</a> }
    });
    let href = Route::version(&newest.name, &row.version).to_string();
    let flags = environments_serving(newest, &registry.environments, &row.version);
    let flags = flags.map(|name| view! { <span class="flag">{name.to_string()}</span>" " });
    let flags = flags.collect_view();
    let at = row.created_at.as_ref().map(|at| format_time(at.as_str()));
    let made: Vec<String> = at.into_iter().chain(row.created_by.clone()).collect();
    let results = row.results.iter().map(|result| view! { <TestSummary row result/> });
    let results = results.collect_view();
    let results = (!results.is_empty()).then(|| view! { <ul class="results-of">{results}</ul> });
    view! {
        <li>
            <p>
                <a href=href aria-current=is_shown.then_some("true")>{row.version.to_string()}</a>
                " "
                {flags}
                <State of=&row.state/>
                " "
                <span class="aside">{made.join(", ")}</span>
                {compare}
            </p>
            {paragraph(row.description.as_deref())}
            {results}
        </li>
    }
}

/// The result of a test of a version.
#[component]
fn TestSummary<'a>(row: &'a VersionRow, result: &'a TestResult) -> impl IntoView {
    let all = result.passed.saturating_add(result.failed);
    let class = if result.failed > 0 { "state error" } else { "state ok" };
    let score =
        result.avg_score.map(|score| format!(", average score {}", format_decimal(score.get())));
    let is_own = result.source_digest == row.source_digest;
    let other = (!is_own).then(|| view! { <span class="state warn">"outdated"</span> });
    let source = result.source.clone().map(|source| {
        let source = if is_web(&source) {
            view! { <ExternalLink url=source/> }
        } else {
            source.into_any()
        };
        view! { ", " {source} }
    });
    view! {
        <li>
            <span class=class>{format!("{} of {all} passed", result.passed)}</span>
            {format!(" {}", result.test_name)}
            {score}
            {format!(", {}", format_time(result.tested_at.as_str()))}
            {source}
            {other}
        </li>
    }
}

/// How many events of a prompt its page shows at first, and how many more with each click.
const EVENTS: [usize; 2] = [20, 100];

/// What happened to the prompt, which the worker reads.
#[component]
fn History(name: PromptName) -> impl IntoView {
    let path = RegistryPath::History(name.clone());
    let audit = Audit::default().with("prompt", name.as_str());
    let all = Route::History(audit).to_string();
    let ask = move || list_events(&name, 0, EVENTS[0]);
    view! {
        <Section id="history" title="History">
            <LazyDetails summary="Show history" ask>
                <p class="aside">
                    <a href=all>"Full history"</a>
                    " · "
                    <DocumentLink path>"JSON"</DocumentLink>
                </p>
            </LazyDetails>
        </Section>
    }
}

/// Some events of a prompt, the newest first, after so many that are shown above, and the way to older ones.
fn list_events(name: &PromptName, above: usize, number: usize) -> AnyView {
    let document = RegistryPath::History(name.clone()).to_string();
    let lists = vec![vec![document], Vec::new(), vec![above.to_string(), number.to_string()]];
    let name = name.clone();
    query_worker("history", lists, move |rows| {
        let [found, rows @ ..] = rows else { return ().into_any() };
        let all = above + rows.len();
        let label = match found.as_slice() {
            [found, more] => describe_left(found, more, all),
            _ => None,
        };
        let older = label.map(|label| {
            let name = name.clone();
            let label = move || Some(format!("Show older events ({label})"));
            let show = move || list_events(&name, all, EVENTS[1]);
            let id = format!("events-{all}");
            view! { <ShowMore id label=Box::new(label) show=Box::new(show)/> }
        });
        let titles = titles(["Time", "Event", "Before", "After", "Author", "Reason"]);
        let rows = list_event_cells(rows, Some(name.as_str()));
        view! {
            <Table label="History" class="audit" titles rows/>
            {older}
        }
    })
}

/// Says how many of the events that were found are left, and whether there may be more; nothing if none is.
fn describe_left(found: &str, more: &str, shown: usize) -> Option<String> {
    let found: usize = found.parse().ok()?;
    let left = found.checked_sub(shown).filter(|left| *left > 0)?;
    let or_more = if more.is_empty() { "" } else { "+" };
    Some(format!("{}{or_more}", format_number(left)))
}

/// The prompts that include this one, once the catalogue is loaded.
#[component]
fn IncludedBy(name: PromptName) -> impl IntoView {
    // The page of a prompt depends on nothing that belongs to others; the browser adds it.
    if cfg!(feature = "ssr") {
        return ().into_any();
    }
    let catalog = Store::get().document::<Catalog>(RegistryPath::Catalog);
    reactive(move || {
        let catalog = catalog.get().ready()?;
        let rows = catalog.prompts.iter().filter_map(|prompt| {
            let included = prompt.includes.iter().filter(|included| included.name == name);
            let versions: Vec<String> =
                included.map(|included| included.version.to_string()).collect();
            let aside = format!(" includes {}", versions.join(", "));
            let href = Route::prompt(&prompt.name).to_string();
            (!versions.is_empty()).then(|| {
                view! {
                    <li>
                        <a href=href>{prompt.name.to_string()}</a>
                        <span class="aside">{aside}</span>
                    </li>
                }
            })
        });
        let rows = rows.collect_view();
        (!rows.is_empty()).then(|| {
            view! {
                <Section id="included-by" title="Included by">
                    <ul class="names">{rows}</ul>
                </Section>
            }
        })
    })
}
