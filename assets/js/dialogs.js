// Native dialogs and menus: data-dialog="#id" opens, data-close closes, data-open is open from the start.
document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-dialog]')
  if (opener) document.querySelector(opener.dataset.dialog)?.showModal()
  const closer = event.target.closest('[data-close]')
  if (closer) closer.closest('dialog')?.close()
  for (const menu of document.querySelectorAll('details.menu-box[open]')) {
    if (!menu.contains(event.target)) menu.open = false
  }
})

function openMarked(root) {
  for (const dialog of root.querySelectorAll?.('dialog[data-open]:not([open])') ?? []) dialog.showModal()
}

document.addEventListener('htmx:afterSwap', (event) => openMarked(event.target.parentNode ?? document))
openMarked(document)
