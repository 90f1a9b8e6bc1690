// Keeps the page up to date by loading it again and exchanging what changed, and lets files be dropped.
// Everything works without: buttons are forms, and loading the page shows the latest.
"use strict";
(() => {
  const SOON = 1500, LATER = 8000; // milliseconds between two looks, while something runs and otherwise
  document.documentElement.classList.add("js");

  const told = document.getElementById("live");
  const runs = () => document.querySelector("[data-soon], #cancel") !== null;

  function exchange(fresh) {
    for (const old of document.querySelectorAll("[data-live][id]")) {
      const one = fresh.getElementById(old.id);
      if (!one) continue;
      for (const details of old.querySelectorAll("details[id]")) {
        one.querySelector("#" + CSS.escape(details.id))?.toggleAttribute("open", details.open);
      }
      if (one.isEqualNode(old)) continue;
      // A picture that is there already is not loaded again.
      for (const picture of one.querySelectorAll("img[src]")) {
        const same = [...old.querySelectorAll("img")].find((other) => other.getAttribute("src") === picture.getAttribute("src"));
        if (same) picture.replaceWith(same);
      }
      const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
      old.replaceWith(one);
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    }
    document.title = fresh.title;
  }

  async function look() {
    try {
      const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, cache: "no-store" });
      if (answer.ok) exchange(new DOMParser().parseFromString(await answer.text(), "text/html"));
      told.textContent = answer.ok ? "" : "The page is not up to date: load it again.";
    } catch {
      told.textContent = "Earmark does not answer; what you see may be old.";
    }
  }

  async function keepLooking() {
    for (;;) {
      await new Promise((wake) => setTimeout(wake, runs() ? SOON : LATER));
      if (!document.hidden) await look();
    }
  }

  for (const form of document.querySelectorAll("form[data-drop]")) {
    const input = form.querySelector("input[type=file]");
    let depth = 0; // a dragged file enters and leaves every element on its way
    const mark = (by) => form.classList.toggle("over", (depth = Math.max(0, depth + by)) > 0);
    form.addEventListener("dragenter", (event) => { event.preventDefault(); mark(1); });
    form.addEventListener("dragleave", () => mark(-1));
    form.addEventListener("dragover", (event) => event.preventDefault());
    form.addEventListener("drop", (event) => {
      event.preventDefault();
      mark(-depth);
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      form.requestSubmit();
    });
  }
  // A file that misses the field must not replace the page.
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());

  // A form's button cannot be pressed twice.
  document.addEventListener("submit", (event) => {
    const button = event.target.querySelector("button");
    if (button) setTimeout(() => { button.disabled = true; });
  });
  window.addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("button:disabled")) button.disabled = false;
  });

  if (document.querySelector("[data-live]")) keepLooking();
})();
