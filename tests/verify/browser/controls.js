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
      .filter((element) => element.checkVisibility() && !element.disabled && element.tabIndex >= 0 && this.isReached(element))
      .map((element) => this.place(element));
  },
  focused() {
    return document.activeElement === document.body ? "" : this.place(document.activeElement);
  },
};

// The texts of the pictures of a page, each with the box that its words take.
window.pictures = {
  texts(picture) {
    return [...picture.querySelectorAll("p > *, p:not(:has(*)), b")].map((element) => {
      const words = document.createRange();
      words.selectNodeContents(element);
      return { text: element.textContent, box: words.getBoundingClientRect() };
    });
  },
  overlap(one, other) {
    return (
      one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 2 && other.top < one.bottom - 2
    );
  },
  overlapping() {
    return [...document.querySelectorAll(".impact-picture")].flatMap((picture) => {
      const edge = picture.getBoundingClientRect().right + 1;
      const texts = this.texts(picture);
      return texts
        .filter(({ box }, number) =>
          box.right > edge || texts.some((other, place) => place < number && this.overlap(box, other.box)))
        .map(({ text }) => text);
    });
  },
};
