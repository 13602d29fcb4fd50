for (const form of document.querySelectorAll("form[data-list]")) {
  const articles = [...document.querySelectorAll(`#${form.dataset.list} article`)];
  const fields = [...form.elements].filter(field => field.name);
  const shown = form.querySelector("output");
  const fits = (article, { type, name, value, checked }) => {
    if (type === "search") return article.textContent.toLowerCase().includes(value.trim().toLowerCase());
    if (type === "checkbox") return !checked || name in article.dataset;
    return !value || (article.dataset[name] || "").split(" ").includes(value);
  };
  const filter = () => {
    let count = 0;
    for (const article of articles) {
      article.hidden = !fields.every(field => fits(article, field));
      count += !article.hidden;
    }
    shown.textContent = shown.dataset.text.replace("#", count);
  };
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", event => event.preventDefault());
  filter();
}

for (const link of document.querySelectorAll("a[data-topic]")) {
  link.addEventListener("click", () => {
    const topic = document.querySelector("form[data-list=complaints-list] select[name=topic]");
    if (!topic) return;
    topic.value = link.dataset.topic;
    topic.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
