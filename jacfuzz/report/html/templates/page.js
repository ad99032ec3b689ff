"use strict";
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const root = document.documentElement;

// Theme: that of the system until the button is pressed.
const theme = document.getElementById("theme");
const dark = () =>
  root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
const nameTheme = () => { theme.textContent = dark() ? "Light" : "Dark"; };
theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; nameTheme(); });
nameTheme();

// Pictures wait as text, and are built when their target is first opened: thousands of cells would slow the page down.
function show(scenes, number) {
  const picture = all("script", scenes)[number];
  scenes.querySelector(".stage").innerHTML = picture.textContent;
  const label = scenes.querySelector("output");
  if (label) label.textContent = picture.dataset.label;
}
function open(target) {
  for (const scenes of all(".scenes", target)) {
    if (!scenes.querySelector(".stage").childElementCount) show(scenes, 0);
  }
}
for (const target of all("details.target")) {
  target.addEventListener("toggle", () => { if (target.open) open(target); });
  if (target.open) open(target);
}
for (const slider of all(".slider input")) {
  slider.addEventListener("input", () => show(slider.closest(".scenes"), Number(slider.value)));
}

// A link to a target opens it.
function follow() {
  const target = document.getElementById(location.hash.slice(1));
  if (target && target.matches("details")) {
    target.open = true;
    target.scrollIntoView();
  }
}
addEventListener("hashchange", follow);
follow();

// Filters hold for the overview and the findings alike.
const search = document.getElementById("search");
const chips = all(".chip");
function filter() {
  const shown = new Set(chips.filter((chip) => chip.ariaPressed === "true").map((chip) => chip.dataset.verdict));
  const text = search.value.trim().toLowerCase();
  for (const item of all("[data-name]")) {
    item.hidden = !shown.has(item.dataset.verdict) || !item.dataset.name.includes(text);
  }
}
for (const chip of chips) {
  chip.addEventListener("click", () => { chip.ariaPressed = String(chip.ariaPressed !== "true"); filter(); });
}
search.addEventListener("input", filter);

// Copying: a page opened from a disk may have no clipboard, but it can select.
async function copy(button) {
  const text = button.parentElement.querySelector("pre");
  try {
    await navigator.clipboard.writeText(text.innerText.trimEnd());
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(text);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
}
for (const button of all(".copy")) button.addEventListener("click", () => copy(button));
