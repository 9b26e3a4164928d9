// Runs a module beside the page: a call is a number, the name of a function and its values.
import start, * as module from "./{module}";

const ready = start({ module_or_path: new URL("./{module_wasm}", import.meta.url) });

onmessage = async ({ data: [number, name, ...values] }) => {
  try {
    await ready;
    postMessage([number, String(module[name](...values)), ""]);
  } catch (error) {
    postMessage([number, "", String(error)]);
  }
};
