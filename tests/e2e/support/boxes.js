// What has to hold of the boxes on a page, whatever its content, its width and the fonts of the machine.
import { atRest, eventually } from "./read.js";

/** Fails, with the elements, where a page breaks a rule of the layout and goes on breaking it. */
export async function assertBoxes(page, what) {
  await atRest(page);
  // A page that has another width now is drawn anew in its own time.
  await eventually(() => page.evaluate(faults), (faults) => faults.length === 0, `${what} at ${page.viewportSize().width} px`);
}

/** In the page: what is wrong with its boxes, in words. */
function faults() {
  // Half a pixel is rounding.
  const SLACK = 1;
  // What is meant to be moved sideways inside itself.
  const SIDEWAYS = ".us-tabs, .us-code, .us-tablewrap:not(.us-tablewrap--fit), .us-scrollx, .funnel-frame";
  const found = [];
  const name = (element) => {
    const text = element.textContent.trim().replaceAll(/\s+/g, " ").slice(0, 40);
    return `${element.tagName.toLowerCase()}.${[...element.classList].join(".")} "${text}"`;
  };
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".us-vh, svg");
  const within = (style) => style.overflowX === "visible";
  const scrolls = (style) => ["auto", "scroll"].includes(style.overflowY);

  const root = document.scrollingElement;
  if (root.scrollWidth > innerWidth + SLACK) found.push(`the page scrolls sideways, ${root.scrollWidth} px wide`);
  if (root.scrollHeight > innerHeight + SLACK) found.push(`the page itself scrolls, ${root.scrollHeight} px high`);

  const scrollers = [];
  for (const element of document.body.querySelectorAll("*")) {
    if (!isSeen(element)) continue;
    const style = getComputedStyle(element);
    const { width, height } = element.getBoundingClientRect();
    if (width < 2 || height < 2) continue;
    const tooWide = element.scrollWidth > element.clientWidth + SLACK && element.clientWidth > 0;
    const tooHigh = element.scrollHeight > element.clientHeight + SLACK;
    if (tooHigh && scrolls(style)) scrollers.push(element);
    const isClamped = tooHigh && style.webkitLineClamp !== "none";
    if (isClamped || (tooWide && !within(style))) {
      const isEllipsis = style.textOverflow === "ellipsis";
      if (isEllipsis || isClamped) {
        element.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
        if (!element.closest("[title]")) found.push(`${name(element)} is cut without a tooltip`);
      } else if (!element.matches(SIDEWAYS) && !(element instanceof HTMLInputElement)) {
        found.push(`${name(element)} is ${element.scrollWidth - element.clientWidth} px too wide for itself`);
      }
    }
    if (tooWide && within(style) && style.display !== "inline" && spills(element)) {
      found.push(`${name(element)} spills ${element.scrollWidth - element.clientWidth} px`);
    }
  }
  // An element whose content is drawn beyond the frame around it.
  function spills(element) {
    let frame = element;
    while (frame !== document.body && within(getComputedStyle(frame)) && getComputedStyle(frame).borderInlineEndWidth === "0px") {
      frame = frame.parentElement;
    }
    const end = frame.getBoundingClientRect().right + SLACK;
    return [...element.children].some((child) => {
      const floats = ["absolute", "fixed"].includes(getComputedStyle(child).position);
      return isSeen(child) && !floats && child.getBoundingClientRect().right > end;
    });
  }
  const isFloating = (element) => element.closest("[popover], dialog");
  for (const inner of scrollers) {
    const outer = scrollers.find((outer) => outer !== inner && outer.contains(inner) && !isFloating(inner));
    if (outer && !inner.matches(".us-combobox, .us-table")) found.push(`${name(inner)} scrolls inside ${name(outer)}`);
  }
  for (const scroller of scrollers) {
    // Nothing hidden makes it scroll into blank.
    const end = Math.max(...[...scroller.querySelectorAll("*")].filter(isSeen).map((it) => it.getBoundingClientRect().bottom));
    const blank = scroller.getBoundingClientRect().top - scroller.scrollTop + scroller.scrollHeight - end;
    if (blank > 120) found.push(`${name(scroller)} scrolls ${Math.round(blank)} px into blank`);
  }
  for (const heading of document.querySelectorAll(".us-table--fit tbody:not(:empty) th[scope=row]")) {
    const table = heading.closest(".us-tablewrap").clientWidth;
    const { width } = heading.getBoundingClientRect();
    if (isSeen(heading) && width < Math.min(220, table - 40) - SLACK) found.push(`${name(heading)} is ${width} px wide`);
  }
  for (const box of document.querySelectorAll("dialog[open], :popover-open")) {
    const { left, right, top, bottom } = box.getBoundingClientRect();
    if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight) found.push(`${name(box)} leaves the window`);
    for (const button of box.querySelectorAll(".us-dialog__foot button, .us-dialog__head button")) {
      const it = button.getBoundingClientRect();
      if (it.left < left || it.right > right || it.top < top || it.bottom > bottom) found.push(`${name(button)} leaves ${name(box)}`);
    }
  }
  return found;
}
