//! The size that an element has on the screen.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver, ResizeObserverEntry};

/// The width of an element in whole px, as it changes; 0 until it is known. Ends with the owner.
#[must_use]
pub fn element_width(node: NodeRef<html::Div>) -> Signal<f64> {
    let width = RwSignal::new(0.0);
    let observed = StoredValue::new_local(None::<Observed>);
    Effect::new(move |_| {
        observed.set_value(node.get().and_then(|element| {
            Observed::new(&element, move |found| {
                // What is not shown has no width, and keeps its drawing for when it is shown again.
                if found > 0.0
                    && width
                        .try_get_untracked()
                        .is_some_and(|known| known != found)
                {
                    // The page may have gone in between.
                    let _ = width.try_set(found);
                }
            })
        }));
    });
    width.into()
}

/// Calls back with an element's width whenever it changes, until it is dropped.
struct Observed {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut(js_sys::Array)>,
}

impl Observed {
    fn new(element: &Element, mut resized: impl FnMut(f64) + 'static) -> Option<Self> {
        let callback = Closure::new(move |entries: js_sys::Array| {
            let entry = entries.pop().dyn_into::<ResizeObserverEntry>();
            if let Ok(entry) = entry {
                resized(entry.content_rect().width().floor());
            }
        });
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self {
            observer,
            _callback: callback,
        })
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
