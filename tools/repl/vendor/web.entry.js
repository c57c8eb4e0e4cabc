// The web's basics that V8 alone does not have.
import "core-js/actual/url";
import "core-js/actual/url-search-params";
import "core-js/actual/structured-clone";
import "core-js/actual/atob";
import "core-js/actual/btoa";
import "core-js/actual/dom-exception";
