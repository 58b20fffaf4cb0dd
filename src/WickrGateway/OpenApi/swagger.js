// What Swagger UI has no option for. It runs after Swagger UI's own scripts and before they are used; a preset is a list of plugins.
"use strict";

/**
 * The first screen is for the operation that changes something; the others are one click away. A link to another operation opens only that one:
 * the form above it would push it out of the window again.
 */
const opensOnTheChange = window.location.hash.length <= 2;
const openTheChange = () => ({
  statePlugins: {
    layout: {
      wrapSelectors: {
        isShown: (isShown) => (state, thing, isOpenByDefault) => isShown(thing, isOpenByDefault || (opensOnTheChange && thing.length === 3 && thing[2] === "suspendStatus")),
      },
    },
  },
});

/** The documented responses of an operation are many screens long, so they are folded; what the gateway returned to a request is always shown. */
const foldDocumentedResponses = (system) => ({
  wrapComponents: {
    responses: (Responses) => (props) => {
      const { createElement, useState } = system.React;
      const [isOpen, setOpen] = useState(false);
      const button = createElement(
        "button",
        { type: "button", className: "documented-responses-toggle", "aria-expanded": isOpen, onClick: () => setOpen(!isOpen) },
        "Documented responses",
      );
      return createElement("div", { className: `documented-responses${isOpen ? " is-open" : ""}` }, button, createElement(Responses, props));
    },
  },
});

SwaggerUIStandalonePreset.push(openTheChange, foldDocumentedResponses);
