// Native dialogs and menus: data-dialog="#id" opens, data-close closes, data-open is open from the start.
document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-dialog]')
  if (opener) show(document.querySelector(opener.dataset.dialog))
  const closer = event.target.closest('[data-close]')
  if (closer) closer.closest('dialog')?.close()
  for (const menu of document.querySelectorAll('details.menu-box[open]')) {
    if (!menu.contains(event.target)) menu.open = false
  }
})

// Whoever types at once types into the first field, and Enter does not press the button that closes.
function show(dialog) {
  dialog?.showModal()
  dialog?.querySelector('input:not([type="hidden"]), select, textarea')?.focus()
}

function openMarked(root) {
  for (const dialog of root.querySelectorAll?.('dialog[data-open]:not([open])') ?? []) show(dialog)
}

document.addEventListener('htmx:afterSwap', (event) => openMarked(event.target.parentNode ?? document))
openMarked(document)
