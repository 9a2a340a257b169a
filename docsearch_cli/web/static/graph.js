// Makes the edges of the box under the pointer or the focus stand out.
"use strict";
const picture = document.querySelector(".picture svg");
function show(node) {
  picture.classList.toggle("focused", node !== null);
  for (const edge of picture.querySelectorAll(".edge[data-from]")) {
    edge.classList.toggle("near", edge.dataset.from === node || edge.dataset.to === node);
  }
}
if (picture) {
  for (const box of picture.querySelectorAll(".page-box")) {
    box.addEventListener("pointerenter", () => show(box.dataset.node));
    box.addEventListener("focus", () => show(box.dataset.node));
    box.addEventListener("pointerleave", () => show(null));
    box.addEventListener("blur", () => show(null));
  }
  // The page itself stands in the middle, also where the picture is wider than the window.
  const centre = picture.querySelector(".hops-0 rect");
  const frame = picture.parentElement;
  const box = centre.getBBox();
  frame.scrollTop = box.y + box.height / 2 - frame.clientHeight / 2;
  frame.scrollLeft = box.x + box.width / 2 - frame.clientWidth / 2;
}
