// What can have the focus on a page, by its number among all elements and the beginning of its HTML.
window.controls = {
  place(element) {
    return `${[...document.querySelectorAll("*")].indexOf(element)} ${element.outerHTML.slice(0, 80)}`;
  },
  // Of a group of radio buttons one has the focus: the chosen one, or else the first.
  isReached(element) {
    if (element.type !== "radio") return true;
    const group = [...document.getElementsByName(element.name)];
    const chosen = group.find((other) => other.checked);
    return element === (chosen ?? group[0]);
  },
  all() {
    const selector = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
    return [...document.querySelectorAll(selector)]
      .filter((element) => element.checkVisibility() && !element.disabled && this.isReached(element))
      .map((element) => this.place(element));
  },
  focused() {
    return document.activeElement === document.body ? "" : this.place(document.activeElement);
  },
};
