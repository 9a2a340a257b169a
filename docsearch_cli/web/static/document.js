// Brings the marked lines into view where the address names them and no place in the page.
"use strict";
if (!location.hash) {
  const marked = document.querySelector(".row.marked");
  if (marked) marked.scrollIntoView({ block: "center" });
}
