// Runs the engine beside the page: a call is a number, the name of a function and its values.
import start, * as engine from "./{engine}";

const ready = start({ module_or_path: new URL("./{engine_wasm}", import.meta.url) });

onmessage = async ({ data: [number, name, ...values] }) => {
  try {
    await ready;
    postMessage([number, engine[name](...values), ""]);
  } catch (error) {
    postMessage([number, "", String(error)]);
  }
};
