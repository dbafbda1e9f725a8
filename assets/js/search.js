// Results by keyboard, and back to the row one came from. What is kept in the browser is ids and codes, never a word.
import { keys } from './keys.js'

const KEPT = 'faldone-search'
const list = () => document.querySelector('.results')
const links = () => [...document.querySelectorAll('.results a[data-row]')]

function move(step) {
  const all = links()
  if (!all.length) return
  const at = all.indexOf(document.activeElement)
  all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))].focus()
}

function equip() {
  if (!list()) return
  keys(list(), {
    ArrowDown: [() => move(1), 'risultato dopo / next result'],
    ArrowUp: [() => move(-1), 'risultato prima / previous result'],
    // From the count above the list, where the focus is after a search: name, Enter, Enter.
    Enter: [() => links().find((one) => one.dataset.row.startsWith('d-'))?.click(), 'apre il primo documento / opens the first document'],
  })
  // On a narrow screen the filters would stand before every result.
  if (!matchMedia('(min-width: 992px)').matches) {
    for (const group of document.querySelectorAll('.search-filters details')) group.open = group.querySelector(':checked') !== null
  }
}

// Who leaves by a result comes back to it: its id is put behind the address, and the rows are kept for the viewer.
function leave(link) {
  const results = document.getElementById('risultati')
  history.replaceState(history.state, '', `#${link.dataset.row}`)
  if (!results) return
  const kept = {
    search: results.dataset.search,
    total: Number(results.dataset.total),
    href: location.pathname + location.search + location.hash,
    rows: links().map((one) => one.dataset.row).filter((id) => id.startsWith('d-')),
  }
  sessionStorage.setItem(KEPT, JSON.stringify(kept))
}

function arrive() {
  const row = location.hash.slice(1)
  const back = links().find((one) => one.dataset.row === row)
  const target = back ?? document.getElementById('conteggio')
  if (!target || document.querySelector('#cerca-errore')) return
  target.focus({ preventScroll: !back })
  if (back) back.scrollIntoView({ block: 'center' })
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('.results a[data-row]')
  if (link) leave(link)
})
document.addEventListener('htmx:afterSwap', (event) => { if (event.target.closest?.('#risultati')) equip() })
window.addEventListener('pageshow', (event) => { if (event.persisted) arrive() })
equip()
arrive()
// The browser itself goes to the row that the address names, and takes the focus off when it gets there.
if (location.hash) window.addEventListener('load', () => requestAnimationFrame(() => requestAnimationFrame(() => {
  if (document.activeElement === document.body) arrive()
})))
