// Part of `promptdex serve` alone, never of a published page: loads the page again when there is
// something newer, and shows what was found in the tree. What is shown is text, never markup.
"use strict";

(() => {
  const { build, trouble } = document.currentScript.dataset;
  const DISMISSED = "promptdex-dismissed";
  let events;
  let banner;
  let shown;

  const element = (name, className, text) => {
    const made = document.createElement(name);
    made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  // What was dismissed stays so until something else is found, also on the next page.
  const dismissed = () => {
    try {
      return sessionStorage.getItem(DISMISSED);
    } catch {
      return null;
    }
  };

  const dismiss = (key) => {
    try {
      sessionStorage.setItem(DISMISSED, key);
    } catch {
      // Without storage it comes back with the next page.
    }
    banner?.remove();
    banner = undefined;
  };

  const item = ({ severity, code, place, message, help }) => {
    const row = element("li", `promptdex-${severity}`);
    const title = element("p", "promptdex-title");
    title.append(element("strong", "", code ? `${severity}[${code}]` : severity), `: ${message}`);
    row.append(title);
    if (place) row.append(element("p", "promptdex-place", place));
    if (help) row.append(element("p", "promptdex-help", `help: ${help}`));
    return row;
  };

  const show = ({ is_behind, summary, findings, more }) => {
    const key = JSON.stringify([is_behind, findings, more]);
    if (key === shown) return;
    shown = key;
    banner?.remove();
    banner = undefined;
    if (findings.length === 0 || dismissed() === key) return;
    banner = element("section", `promptdex-banner ${is_behind ? "is-behind" : ""}`);
    banner.setAttribute("role", is_behind ? "alert" : "status");
    banner.setAttribute("aria-label", "Findings");
    // A reader announces what changes in an element that is there already.
    document.body.append(banner);
    const head = element("div", "promptdex-head");
    const what = is_behind ? `${summary}. Showing the last successful build.` : summary;
    const button = element("button", "promptdex-dismiss", "Dismiss");
    button.type = "button";
    button.addEventListener("click", () => dismiss(key));
    head.append(element("p", "promptdex-summary", what), button);
    const list = element("ul", "promptdex-findings");
    list.tabIndex = 0;
    list.append(...findings.map(item));
    if (more > 0) list.append(element("li", "", `${more} more in the terminal`));
    banner.append(head, list);
  };

  const listen = () => {
    if (events || document.hidden) return;
    events = new EventSource("/.promptdex/events");
    events.addEventListener("message", ({ data }) => {
      const told = JSON.parse(data);
      if (told.build !== build) location.reload();
      else if (trouble === undefined) show(told);
    });
  };

  const stop = () => {
    events?.close();
    events = undefined;
  };

  const style = element("link", "");
  style.rel = "stylesheet";
  style.href = "/.promptdex/live.css";
  document.head.append(style);

  // A browser has few connections for an address: pages that nobody looks at give theirs back.
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : listen()));
  addEventListener("pagehide", stop);
  addEventListener("pageshow", listen);
  listen();
})();
