// Follows a search: adds each step to the tree, moves the bars, and goes to the run at its end.
"use strict";
const live = document.getElementById("live");
const tree = document.getElementById("tree");

function addStep(data) {
  // The line is made and escaped by the server, as on a page that is loaded anew.
  const parsed = new DOMParser().parseFromString(data.html, "text/html");
  const line = parsed.querySelector("li");
  if (document.getElementById(line.id)) return;
  const parent = data.parent === null ? null : document.getElementById(`step-${data.parent}`);
  (parent ? parent.querySelector(":scope > ul") : tree).append(document.adoptNode(line));
}

function showState(data) {
  for (const [name, value] of Object.entries(data)) {
    live.querySelector(`[data-bar="${name}"]`).value = value;
    live.querySelector(`[data-value="${name}"]`).textContent = value.toLocaleString("en");
  }
}

if (live) {
  const events = new EventSource(live.dataset.events);
  events.addEventListener("step", (event) => addStep(JSON.parse(event.data)));
  events.addEventListener("state", (event) => showState(JSON.parse(event.data)));
  events.addEventListener("end", (event) => {
    events.close();
    location.replace(JSON.parse(event.data).to);
  });
  // The answer to the button leads on by itself.
  live.querySelector("form").addEventListener("submit", () => events.close());
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) {
      document.getElementById("live-status").textContent =
        "This page is not told of the search any more; load it again.";
    }
  });
}
