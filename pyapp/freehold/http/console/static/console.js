// The moving parts of a page: regions with data-part are replaced as the server sends them anew. Without JavaScript, or without the
// stream, the page is asked for again.

const page = document.querySelector("[data-stream]");
if (page) watch(page.dataset.stream, page.dataset.poll);
const late = document.querySelector("[data-later]");
if (late) later(late.dataset.later);
for (const form of document.querySelectorAll("form[data-typed]")) guard(form);

// A second click, before the answer is there, does not do it again.
addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "1";
  // Who has stopped the page is not stopped for good.
  setTimeout(() => { delete event.target.dataset.sent; }, 5000);
});
addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent; });

function watch(stream, poll) {
  let source, timer, quiet = 0;
  const listen = () => {
    source = new EventSource(stream);
    source.addEventListener("parts", (event) => { quiet = 0; show(JSON.parse(event.data)); });
    source.addEventListener("signed-out", () => { source.close(); location.reload(); });
    source.addEventListener("end", () => { source.close(); tell("still"); });
    source.addEventListener("open", () => tell("live"));
    source.addEventListener("error", () => {
      // One that is closed for good, or fails again and again, is not tried any more.
      if (source.readyState === EventSource.CLOSED || ++quiet > 3) { source.close(); ask(); }
    });
  };
  const ask = async () => {
    tell("polled");
    try {
      const answer = await fetch(poll, { headers: { Accept: "application/json" }, cache: "no-store", redirect: "error" });
      if (answer.status === 401) return location.reload();
      if (answer.ok) {
        const told = await answer.json();
        show(told.parts);
        if (told.end) return tell("still");
      }
    } catch { /* the next time, perhaps */ }
    timer = setTimeout(ask, 3000);
  };
  addEventListener("pagehide", () => { source?.close(); clearTimeout(timer); });
  "EventSource" in window ? listen() : ask();
}

async function later(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" }, redirect: "error" });
  if (answer.ok) show((await answer.json()).parts);
}

function show(parts) {
  for (const [name, html] of Object.entries(parts)) {
    const place = document.querySelector(`[data-part="${CSS.escape(name)}"]`);
    if (!place) continue;
    // Somebody who types or chooses in there is not interrupted.
    const active = place.contains(document.activeElement) ? document.activeElement : null;
    if (place.querySelector("details[open]") || active?.matches("input, select, textarea")) continue;
    const held = active?.id;
    // Parsed into a document of its own: nothing in it runs.
    const parsed = new DOMParser().parseFromString(html, "text/html");
    place.replaceChildren(...parsed.body.childNodes);
    for (const form of place.querySelectorAll("form[data-typed]")) guard(form);
    if (held) document.getElementById(held)?.focus();
  }
}

function tell(how) {
  const words = { live: "Live", polled: "Refreshed every 3 seconds", still: "Final" };
  for (const sign of document.querySelectorAll("[data-live]")) {
    sign.dataset.live = how;
    sign.textContent = words[how];
  }
}

// What has to be typed before a button acts; the server asks for it, too.
function guard(form) {
  const typed = form.querySelector("input[name=confirm]"), button = form.querySelector("button");
  const look = () => { button.disabled = typed.value.trim() !== form.dataset.typed; };
  typed.addEventListener("input", look);
  look();
}
