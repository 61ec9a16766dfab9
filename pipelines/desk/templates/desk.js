// Drag and drop for the desk's form, which works without this file too. Nothing is sent anywhere else.
(() => {
  "use strict";
  const form = document.querySelector("form.check");
  const drop = document.getElementById("drop");
  const input = document.getElementById("file");
  const trouble = document.getElementById("trouble");
  document.documentElement.classList.add("script");

  const fits = () => {
    const file = input.files[0];
    const large = Boolean(file) && file.size > Number(form.dataset.most);
    trouble.textContent = large ? form.dataset.tooLarge : "";
    return !large;
  };
  const wait = () => document.body.classList.add("working");

  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) drop.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (!event.dataTransfer || !event.dataTransfer.files.length) return;
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    input.files = one.files;
    if (fits()) form.requestSubmit();
  });
  input.addEventListener("change", fits);
  form.addEventListener("submit", (event) => {
    if (fits()) wait();
    else event.preventDefault();
  });
  window.addEventListener("pageshow", () => document.body.classList.remove("working"));
})();
