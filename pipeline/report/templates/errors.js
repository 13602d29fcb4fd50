const form = document.getElementById("filter");
if (form) {
  const articles = [...document.querySelectorAll("#list article")];
  const shown = form.querySelector("output");
  const filter = () => {
    const words = form.words.value.trim().toLowerCase();
    const label = form.label && form.label.value;
    const doubtful = form.doubtful && form.doubtful.checked;
    let count = 0;
    for (const article of articles) {
      const fits = article.textContent.toLowerCase().includes(words)
        && (!label || article.dataset.label === label)
        && (!doubtful || "doubtful" in article.dataset);
      article.hidden = !fits;
      count += fits;
    }
    shown.textContent = shown.dataset.text.replace("#", count);
  };
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", event => event.preventDefault());
  filter();
}
