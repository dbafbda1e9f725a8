// One registry for all keys: keys(scope, { n: [fn, 'poi / later'], 'Shift+n': fn, Enter: fn, ArrowDown: fn, '+': fn }).
//
// A key works only while the focus is inside its scope (or anywhere, when the scope is the document), never in a form
// field, never with Ctrl or Meta, with Alt only where a map says so ('Alt+ArrowLeft'), never repeated by holding it, never within 120 ms after the page changed under
// the hand. A button with data-key="s" inside an element with data-key-scope is pressed by that key.
// Two meanings of one key in one place are an error at once. Who turned single keys off keeps Enter, arrows and Esc.
import { words } from './words.js'

const AFTER_SWAP_MS = 120
const registry = []
let swapped = -Infinity

export function keys(scope, map) {
  const entry = { scope, map: new Map(Object.entries(map).map(([key, value]) => [key, Array.isArray(value) ? value : [value, '']])) }
  forget()
  for (const other of registry) {
    if (!overlap(other.scope, scope)) continue
    for (const key of entry.map.keys()) {
      if (other.map.has(key)) throw new Error(`the key ${key} has a meaning here already`)
    }
  }
  registry.push(entry)
  return () => { registry.splice(registry.indexOf(entry), 1) }
}

// What was pressed, as the maps spell it: a letter is the same with and without capitals lock.
function spelled(event) {
  const { key, shiftKey, altKey } = event
  const alt = altKey ? 'Alt+' : ''
  if (key.length === 1 && key.toLowerCase() === key.toUpperCase()) return alt + key
  return alt + (shiftKey ? 'Shift+' : '') + (key.length === 1 ? key.toLowerCase() : key)
}

const overlap = (one, other) => one !== document && other !== document && (one.contains(other) || other.contains(one))

function forget() {
  for (let place = registry.length - 1; place >= 0; place--) {
    if (!registry[place].scope.isConnected) registry.splice(place, 1)
  }
}

const isField = (target) => target.closest('textarea, select, [contenteditable=""], [contenteditable="true"]') !== null ||
  (target.matches('input') && !['checkbox', 'radio', 'button', 'submit', 'reset', 'range', 'file'].includes(target.type))

// Enter and Space on a control are that control's own.
const isControl = (target) => target.closest('a[href], button, summary, input') !== null

function scopesOf(target) {
  const dialog = document.querySelector('dialog:modal')
  return registry
    .filter(({ scope }) => scope === document ? !dialog : scope.contains(target) && (!dialog || dialog.contains(scope)))
    .sort((one, other) => depth(other.scope) - depth(one.scope))
}

const depth = (node) => node === document ? 0 : 1 + (node.parentNode ? depth(node.parentNode) : 0)

const shown = (element) => element.checkVisibility?.() ?? element.offsetParent !== null

function button(target, key) {
  for (let scope = target.closest('[data-key-scope]'); scope; scope = scope.parentElement?.closest('[data-key-scope]')) {
    const found = [...scope.querySelectorAll('[data-key]')].find((one) => one.dataset.key === key && !one.disabled && shown(one))
    if (found) return found
  }
  return null
}

document.addEventListener('htmx:afterSwap', () => { swapped = performance.now() })

document.addEventListener('keydown', (event) => {
  const target = event.target instanceof Element ? event.target : document.body
  if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.isComposing) return
  if (event.key === 'Escape' && !event.altKey) return escape(event, target)
  if (isField(target)) return
  if (event.key.length === 1 && event.key !== ' ' && document.documentElement.dataset.keys === 'off') return
  if ((event.key === 'Enter' || event.key === ' ') && isControl(target)) return
  if (performance.now() - swapped < AFTER_SWAP_MS) return
  forget()
  const key = spelled(event)
  const pressed = button(target, key)
  if (pressed) {
    event.preventDefault()
    pressed.click()
    return
  }
  const entry = scopesOf(target).find(({ map }) => map.has(key))
  if (entry) {
    event.preventDefault()
    entry.map.get(key)[0](event)
  }
})

// The topmost thing closes: a dialog by the browser itself, an open menu here, then whoever listens for faldone:escape.
function escape(event, target) {
  if (document.querySelector('dialog:modal')) return
  const menu = document.querySelector('details.menu-box[open]')
  if (menu) {
    menu.open = false
    menu.querySelector('summary').focus()
    event.preventDefault()
    return
  }
  target.dispatchEvent(new CustomEvent('faldone:escape', { bubbles: true, cancelable: true }))
}

const NAMES = { ArrowDown: '↓', ArrowUp: '↑', ArrowLeft: '←', ArrowRight: '→', Enter: 'Invio / Enter', Escape: 'Esc', ' ': 'Spazio / Space' }
function named(key) {
  if (key.startsWith('Alt+')) return `Alt+${named(key.slice(4))}`
  if (key.startsWith('Shift+')) return `${words('Maiusc / Shift')}+${named(key.slice(6))}`
  return words(NAMES[key] ?? key)
}

function list() {
  forget()
  const found = new Map()
  for (const { map } of [...registry].sort((one, other) => depth(one.scope) - depth(other.scope))) {
    for (const [key, [, label]] of map) if (label) found.set(key, words(label))
  }
  for (const one of document.querySelectorAll('[data-key-scope] [data-key]')) {
    if (!found.has(one.dataset.key)) found.set(one.dataset.key, one.dataset.keyLabel ?? one.textContent.replace(one.querySelector('kbd')?.textContent ?? '', '').trim())
  }
  found.set('Escape', words('chiude, poi torna indietro / closes, then goes back'))
  return found
}

function help() {
  const dialog = document.createElement('dialog')
  dialog.setAttribute('aria-labelledby', 'tasti-titolo')
  dialog.innerHTML = '<div class="dialog-head"><h2 id="tasti-titolo"></h2><button class="btn btn-xs btn-outline-primary" type="button" data-close></button></div><dl class="facts"></dl><p class="mb-0"><a href="/aiuto/tasti"></a></p>'
  dialog.querySelector('h2').textContent = words('Tasti di questa pagina / Keys of this page')
  dialog.querySelector('button').textContent = words('Chiudi / Close')
  dialog.querySelector('a').textContent = words('Tutti i tasti / All keys')
  for (const [key, label] of list()) {
    const term = document.createElement('dt')
    const cap = document.createElement('kbd')
    cap.textContent = named(key)
    term.append(cap)
    const meaning = document.createElement('dd')
    meaning.textContent = label
    dialog.querySelector('dl').append(term, meaning)
  }
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
}

keys(document, { '?': [help, 'questo elenco / this list'] })

// Two visible buttons on one key in one scope would make the key mean whichever stands first.
function check() {
  for (const scope of document.querySelectorAll('[data-key-scope]')) {
    const seen = new Set()
    for (const one of scope.querySelectorAll('[data-key]')) {
      if (!shown(one) || one.closest('[data-key-scope]') !== scope) continue
      if (seen.has(one.dataset.key)) throw new Error(`two buttons on the key ${one.dataset.key}`)
      seen.add(one.dataset.key)
    }
  }
}
document.addEventListener('htmx:afterSettle', check)
check()
