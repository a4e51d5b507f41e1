// What the site's pages do besides their theme: tables that scroll inside the page, and a search that works from disk too, where a page may
// start no worker and read no file but a script. The index is one, loaded with the first search. base_url is the theme's.
"use strict";

const fewestLetters = 2;
const mostResults = 30;
const lettersInOnePiece = 32;  // of code in a sentence; a phone's line has room for them

function wrapTables() {
  for (const table of document.querySelectorAll(".col-md-9 table")) {
    const box = document.createElement("div");
    box.className = "table-responsive";
    table.replaceWith(box);
    box.append(table);
  }
}

function keepShortCodeTogether() {
  for (const code of document.querySelectorAll(":not(pre) > code")) code.classList.toggle("short", code.textContent.length <= lettersInOnePiece);
}

// On a phone the sections are behind a button, which the theme gives an arrow and no word.
function nameContents() {
  document.querySelector(".bs-sidebar .navbar-toggler")?.append(" On this page");
}

// What can be scrolled can be reached by keyboard.
function letKeyboardScroll() {
  for (const box of document.querySelectorAll(".table-responsive, pre")) {
    const scrolls = [box, ...box.children].some((part) => part.scrollWidth > part.clientWidth);
    if (scrolls) box.setAttribute("tabindex", "0");
    else box.removeAttribute("tabindex");
  }
}

function load(path) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = `${base_url}/${path}`;
    script.addEventListener("load", done);
    script.addEventListener("error", failed);
    document.head.append(script);
  });
}

let opened;

function openIndex() {
  opened ??= load("search/lunr.js").then(() => load("search/index.js")).then(() => {
    const pages = new Map(searchIndex.docs.map((page) => [page.location, page]));
    const index = lunr(function () {
      this.ref("location");
      this.field("title", { boost: 10 });
      this.field("text");
      for (const page of pages.values()) this.add(page);
    });
    return { index, pages };
  });
  return opened;
}

// Words and their beginnings, so that a result is there while one types; what lunr takes for an operator (--json, a:b) is a space.
function asQuery(text) {
  const words = text.toLowerCase().split(/[^\p{L}\p{N}_.]+/u).filter((word) => word.length >= fewestLetters);
  return words.flatMap((word) => [word, `${word}*`]).join(" ");
}

// The text around the first of the words.
function excerpt(text, query) {
  const places = query.split(" ").map((word) => text.toLowerCase().indexOf(word)).filter((place) => place >= 0);
  const start = places.length ? Math.max(0, Math.min(...places) - 60) : 0;
  return (start > 0 ? "… " : "") + text.substring(start, start + 200);
}

function asResult(page, query) {
  const article = document.createElement("article");
  const link = document.createElement("a");
  link.href = `${base_url}/${page.location}`;
  link.textContent = page.title;
  const heading = document.createElement("h3");
  heading.append(link);
  const text = document.createElement("p");
  text.textContent = excerpt(page.text, query);
  article.append(heading, text);
  return article;
}

async function search(input, results) {
  const query = asQuery(input.value);
  if (!query) return results.replaceChildren();
  const { index, pages } = await openIndex();
  if (query !== asQuery(input.value)) return;  // typed on meanwhile
  const found = index.search(query).slice(0, mostResults).map(({ ref }) => asResult(pages.get(ref), query));
  results.replaceChildren(...(found.length ? found : ["Nothing was found."]));
}

document.addEventListener("DOMContentLoaded", () => {
  wrapTables();
  keepShortCodeTogether();
  nameContents();
  letKeyboardScroll();
  addEventListener("resize", letKeyboardScroll);
  const input = document.getElementById("mkdocs-search-query");
  const results = document.getElementById("mkdocs-search-results");
  results.setAttribute("aria-live", "polite");
  input.addEventListener("input", () => search(input, results));
  input.form?.addEventListener("submit", (event) => event.preventDefault());
});
