/* Đúng Hạn in the browser: small helps on top of pages that work without it. No inline code, no eval, no storage of texts. */
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const say = (key) => document.body.dataset["say" + key] || "";
  const all = (selector, inside = document) => Array.from(inside.querySelectorAll(selector));

  /* --- one line at the bottom: what went wrong, what was kept ------------------------------------------------------ */
  let toastTimer;
  function toast(words) {
    const line = document.getElementById("toast");
    if (!line || !words) return;
    line.textContent = words;
    line.hidden = false;
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => { line.hidden = true; }, 12000);
  }
  function announce(words) {
    const line = document.getElementById("announce");
    if (line) line.textContent = words;
  }

  /* --- htmx --------------------------------------------------------------------------------------------------------- */
  document.addEventListener("htmx:sendError", () => toast(say("Offline")));
  document.addEventListener("htmx:timeout", () => toast(say("Offline")));
  document.addEventListener("htmx:responseError", (event) => {
    toast(event.detail.xhr.status === 401 ? say("SignedOut") : say("Failed"));
  });
  document.addEventListener("htmx:beforeRequest", (event) => busy(event.detail.elt, true));
  document.addEventListener("htmx:afterRequest", (event) => busy(event.detail.elt, false));
  document.addEventListener("htmx:afterSettle", (event) => {
    const target = event.detail.elt;
    if (!(target instanceof Element)) return;
    if (event.detail.xhr && [409, 422].includes(event.detail.xhr.status)) focusTrouble(target);
    const counted = target.matches("[data-announce]") ? target : target.querySelector("[data-announce]");
    if (counted) announce(counted.textContent.trim());
  });
  function busy(element, on) {
    if (!(element instanceof HTMLFormElement)) return;
    all("button[type=submit]", element).forEach((button) => {
      if (on) button.setAttribute("aria-busy", "true"); else button.removeAttribute("aria-busy");
    });
  }

  /* --- after a refusal the focus goes to what is wrong ---------------------------------------------------------------- */
  function focusTrouble(inside) {
    const trouble = (inside.matches && inside.matches("[data-focus]") ? inside : inside.querySelector("[data-focus]"))
      || inside.querySelector("[aria-invalid=true], .has-error input, .has-error textarea");
    if (trouble) { trouble.focus({ preventScroll: true }); trouble.scrollIntoView({ block: "center" }); }
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".error-summary a[href^='#']");
    const field = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!field) return;
    event.preventDefault();
    const control = field.matches("input, select, textarea") ? field : field.querySelector("input, select, textarea");
    (control || field).focus();
  });

  /* --- a form is sent once; leaving with unsaved text is asked -------------------------------------------------------- */
  const unsaved = new Set();
  const mark = (event) => {
    const form = event.target.closest && event.target.closest("form[data-guard], form[data-autosave]");
    if (form) unsaved.add(form);
  };
  document.addEventListener("input", mark);
  document.addEventListener("change", mark);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    unsaved.delete(form);
    if (form.method !== "post" || form.matches("[hx-post]")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    busy(form, true);
    setTimeout(() => { delete form.dataset.sent; busy(form, false); }, 8000);
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => { delete form.dataset.sent; busy(form, false); }));
  window.addEventListener("beforeunload", (event) => {
    for (const form of unsaved) if (!form.isConnected) unsaved.delete(form);
    if (unsaved.size) { event.preventDefault(); event.returnValue = ""; }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.detail.requestConfig.verb !== "get") unsaved.delete(event.detail.elt);
  });

  /* --- drafts are saved while one types: form[data-autosave=URL]; the answer may be text or {"saved_at", "version"} ---- */
  const waiting = new WeakMap(), firstTyped = new WeakMap();
  const PAUSE = 1200, LONGEST = 5000;
  document.addEventListener("input", (event) => {
    const form = event.target.closest && event.target.closest("form[data-autosave]");
    if (!form) return;
    /* after a short pause; somebody who types on and on is saved all the same */
    if (!firstTyped.has(form)) firstTyped.set(form, Date.now());
    clearTimeout(waiting.get(form));
    const left = firstTyped.get(form) + LONGEST - Date.now();
    waiting.set(form, setTimeout(() => saveDraft(form), Math.max(0, Math.min(PAUSE, left))));
  });
  /* signed in again in another tab: what could not be saved is saved when this one is looked at again */
  const retry = () => all("form[data-autosave]").forEach((form) => { if (form.dataset.unsaved) saveDraft(form); });
  window.addEventListener("focus", retry);
  window.addEventListener("online", retry);
  setInterval(retry, 15000);
  /* the same page in two tabs: both are told before either writes; only the address is said */
  if (window.BroadcastChannel && document.querySelector("form[data-autosave]")) {
    const tabs = new BroadcastChannel("open-drafts");
    const here = location.pathname;
    const warn = () => { const line = document.getElementById("open-twice"); if (line) line.hidden = false; };
    tabs.onmessage = (event) => {
      if (event.data.page !== here) return;
      warn();
      if (event.data.hello) tabs.postMessage({ page: here });
    };
    tabs.postMessage({ page: here, hello: true });
  }
  document.addEventListener("submit", (event) => clearTimeout(waiting.get(event.target)));
  function draftStatus(form, words, state) {
    const line = form.querySelector("[data-autosave-status]") || document.querySelector("[data-autosave-status]");
    if (line) { line.textContent = words; line.dataset.state = state; }
  }
  async function sendDraft(form) {
    const body = new FormData(form);
    all("input[type=file]", form).forEach((file) => body.delete(file.name));
    body.set("window", body.get("op_id") || "");
    body.delete("op_id");
    const answer = await fetch(form.dataset.autosave, {
      method: "POST", body, redirect: "manual", credentials: "same-origin", headers: { "HX-Request": "true", Accept: "application/json" },
    });
    const told = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
    return [answer, told];
  }
  async function saveDraft(form) {
    if (!form.isConnected || form.dataset.sent) return;
    if (form.dataset.saving) { waiting.set(form, setTimeout(() => saveDraft(form), 600)); return; }
    form.dataset.saving = "1";
    firstTyped.delete(form);
    draftStatus(form, say("Saving"), "saving");
    try {
      let [answer, told] = await sendDraft(form);
      if (told.csrf_token) {
        all("input[name=csrf_token]").forEach((field) => { field.value = told.csrf_token; });
        [answer, told] = await sendDraft(form);
      }
      if (answer.status === 401 || answer.type === "opaqueredirect") { toast(say("SignedOut")); throw new Error("signed out"); }
      if (answer.status === 409 && told.kept_at) {
        /* another window was first: this text is kept apart, and both are still there */
        toast(told.error);
        unsaved.delete(form);
        draftStatus(form, say("Apart") + " " + told.kept_at, "apart");
        return;
      }
      if (!answer.ok) { if (told.error) toast(told.error); throw new Error(String(answer.status)); }
      const version = form.querySelector("input[name=version]");
      if (version && told.version) version.value = told.version;
      unsaved.delete(form);
      delete form.dataset.unsaved;
      draftStatus(form, say("Saved") + " " + (told.saved_at || new Date().toLocaleTimeString("vi-VN", { hour12: false })), "saved");
    } catch (error) {
      form.dataset.unsaved = "1";
      draftStatus(form, say("Unsaved"), "failed");
    } finally {
      delete form.dataset.saving;
    }
  }

  /* --- a table that fits has no scroll box, so that its heads stay in view; a wide one scrolls inside its frame ---------- */
  function fitTables() {
    all(".table-frame").forEach((frame) => {
      frame.classList.remove("fits");
      const fits = frame.scrollWidth <= frame.clientWidth;
      frame.classList.toggle("fits", fits);
      reachable(frame, !fits);
    });
    all(".timeline, .facts-column, .queue-list").forEach((box) => {
      reachable(box, box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight);
    });
  }
  function reachable(box, scrolls) {
    if (scrolls) box.setAttribute("tabindex", "0"); else box.removeAttribute("tabindex");
  }
  window.addEventListener("resize", fitTables);
  window.addEventListener("load", fitTables);
  document.addEventListener("htmx:afterSettle", fitTables);
  fitTables();

  /* --- menus, print, dialogs ------------------------------------------------------------------------------------------ */
  document.addEventListener("click", (event) => {
    const menuButton = event.target.closest("[data-menu]");
    if (menuButton) {
      const open = document.getElementById(menuButton.dataset.menu).classList.toggle("open");
      menuButton.setAttribute("aria-expanded", String(open));
    }
    all("details.drop[open]").forEach((drop) => { if (!drop.contains(event.target)) drop.open = false; });
    if (event.target.closest("[data-print]")) window.print();
    const copier = event.target.closest("[data-copy]");
    if (copier) copy(copier);
    const shower = event.target.closest("[data-show]");
    if (shower) show(shower.dataset.show);
    const box = event.target.closest("dialog");
    if (box && event.target === box) box.close();
    const whole = event.target.closest("[data-check-all]");
    if (whole) all("input[type=checkbox][name='" + whole.dataset.checkAll + "']").forEach((one) => { if (!one.disabled) one.checked = whole.checked; });
  });
  function copy(button) {
    const area = document.getElementById(button.dataset.copy);
    const done = () => { button.textContent = button.dataset.copied; announce(button.dataset.copied); };
    area.select();
    if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(area.value).then(done, () => {});
    else if (document.execCommand("copy")) done();
  }
  function show(id) {
    const box = document.getElementById(id);
    if (!box || box.open) return;
    if (id === "keys") listPageKeys();
    box.showModal();
  }

  /* --- a form that unfolds is written into at once: details[data-opens-at=NAME] ------------------------------------------ */
  const writeIn = (box) => {
    const control = box.open && box.dataset && box.dataset.opensAt && box.querySelector("[name='" + box.dataset.opensAt + "']");
    if (control) control.focus();
  };
  document.addEventListener("toggle", (event) => writeIn(event.target), true);

  /* --- keyboard: / search, j k move, Enter open, ? help, and data-key on any button or link ----------------------------- */
  const KEYS_OFF = "single-keys-off";
  const remembered = () => { try { return localStorage.getItem(KEYS_OFF) === "1"; } catch (error) { return false; } };
  const switchOff = document.querySelector("[data-keys-off]");
  if (switchOff) {
    switchOff.checked = remembered();
    switchOff.addEventListener("change", () => { try { if (switchOff.checked) localStorage.setItem(KEYS_OFF, "1"); else localStorage.removeItem(KEYS_OFF); } catch (error) { /* private window */ } });
  }
  const rows = () => all("[data-rows] > tbody > tr, .queue-list > li").filter((row) => row.querySelector("a[href]") && row.offsetParent !== null);
  function move(step) {
    const list = rows();
    if (!list.length) return false;
    const at = list.findIndex((row) => row.classList.contains("at"));
    const next = Math.min(list.length - 1, Math.max(0, at < 0 ? 0 : at + step));
    list.forEach((row) => row.classList.remove("at"));
    list[next].classList.add("at");
    list[next].scrollIntoView({ block: "nearest" });
    list[next].querySelector("a[href]").focus({ preventScroll: true });
    return true;
  }
  function listPageKeys() {
    const place = document.getElementById("keys-page");
    if (!place) return;
    const list = document.createElement("dl");
    all("[data-key]").forEach((element) => {
      const name = document.createElement("dt"), key = document.createElement("kbd"), words = document.createElement("dd");
      key.textContent = element.dataset.key;
      name.append(key);
      if (element.matches("[data-enter]")) {
        const enter = document.createElement("kbd");
        enter.textContent = "Enter";
        name.append(" ", enter);
      }
      // what it does, without the key itself and the small print of consequences beside it
      const label = (element.labels && element.labels[0] ? element.labels[0] : element).cloneNode(true);
      label.querySelectorAll("kbd, small, .optional").forEach((part) => part.remove());
      words.textContent = label.textContent.replace(/\s+/g, " ").trim();
      list.append(name, words);
    });
    place.replaceChildren(list);
  }
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
    if (event.key === "Escape") {
      all("details.drop[open]").forEach((drop) => { drop.open = false; drop.querySelector("summary").focus(); });
      if (typing && typing.matches("[data-search]")) typing.blur();
      return;
    }
    if (typing || remembered() || document.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      const search = document.querySelector("[data-search], input[type=search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    } else if (event.key === "?") {
      event.preventDefault();
      show("keys");
    } else if (event.key === "j" || event.key === "k") {
      if (move(event.key === "j" ? 1 : -1)) event.preventDefault();
    } else if (event.key === "Enter" && (event.target === document.body || event.target.id === "content")) {
      const row = document.querySelector("tr.at a[href], li.at a[href]");
      const button = document.querySelector("[data-enter]");
      if (row || button) { event.preventDefault(); (row || button).click(); }
    } else {
      let wanted = all("[data-key]").find((element) => element.dataset.key === event.key && !element.disabled && element.offsetParent !== null);
      if (wanted && wanted.checked && wanted.dataset.back) wanted = document.querySelector("[data-key='" + wanted.dataset.back + "']");
      if (wanted) {
        event.preventDefault();
        if (wanted.matches("input[type=text], textarea, select")) wanted.focus(); else { wanted.focus(); wanted.click(); }
        // "toggle" comes later: a letter typed before it would be a key, and one of the keys concludes
        if (wanted.matches("summary")) writeIn(wanted.parentElement);
      }
    }
  });

  focusTrouble(document.getElementById("content") || document.body);
})();
