// Makes what works without a script more pleasant; nothing depends on it.

// A form is sent once: a second press within three seconds does nothing. Whoever comes back may send it again.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "true";
    setTimeout(() => delete form.dataset.sent, 3000);
  });
}
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// What is wrong with a form is read out first.
const summary = document.querySelector(".govuk-error-summary");
if (summary) {
  summary.tabIndex = -1;
  summary.focus();
}

// How much room is left in a text, once less than a fifth is; said to screen readers when the typing pauses.
for (const area of document.querySelectorAll("textarea[data-longest]")) {
  const longest = Number(area.dataset.longest);
  const shown = document.createElement("p");
  shown.className = "govuk-hint";
  shown.setAttribute("aria-live", "polite");
  area.after(shown);
  let timer;
  const count = () => {
    const left = longest - [...area.value].length;
    shown.textContent = left < longest / 5 ? `${Math.abs(left)} ${left < 0 ? area.dataset.over : area.dataset.left}` : "";
  };
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(count, 500);
  });
  count();
}

// A button to print, which nothing can do without a script.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// Progress that moves: the part of the page is asked for again until it says that it is done.
const refresh = async (part) => {
  if (!part.dataset.refreshSeconds) return;
  await new Promise((resolve) => setTimeout(resolve, Number(part.dataset.refreshSeconds) * 1000));
  try {
    const response = await fetch(location.href, { headers: { accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById(part.id);
    if (response.ok && fresh) {
      part.replaceWith(fresh);
      refresh(fresh);
      return;
    }
  } catch {
    // The next attempt may reach it.
  }
  refresh(part);
};
for (const part of document.querySelectorAll("[data-refresh-seconds]")) refresh(part);
