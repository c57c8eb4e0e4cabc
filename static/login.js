/** The login page says so when the last token was wrong. */
document.querySelector(".problem").hidden = !new URLSearchParams(location.search).has("wrong");
