// After a swap the focus goes where the fragment says (data-focus="#id"); meanwhile what waits is aria-busy. With
// data-still nothing scrolls: what is higher than the window would push the messages above it out of sight.
import { announce } from './words.js'

function honour(root) {
  const marked = root.matches?.('[data-focus]') ? root : root.querySelector?.('[data-focus]')
  if (!marked) return
  const target = document.querySelector(marked.dataset.focus)
  marked.removeAttribute('data-focus')
  if (!target) return
  if (target.tabIndex < 0 && !target.hasAttribute('tabindex')) target.tabIndex = -1
  target.focus({ preventScroll: 'still' in marked.dataset })
}

document.addEventListener('htmx:afterSwap', (event) => {
  honour(event.target)
  const said = event.target.querySelector?.('[data-announce]') ?? (event.target.matches?.('[data-announce]') ? event.target : null)
  if (said) announce(said.dataset.announce)
})

document.addEventListener('htmx:beforeRequest', (event) => event.detail.target?.setAttribute('aria-busy', 'true'))
document.addEventListener('htmx:afterRequest', (event) => event.detail.target?.removeAttribute('aria-busy'))

// A server that does not answer is said where all messages are; what was typed stays.
document.addEventListener('htmx:sendError', (event) => {
  // A dialog would hide the message; opened again, it has what was typed.
  event.detail.elt?.closest('dialog')?.close()
  const place = document.getElementById('messaggi')
  if (!place) return
  const time = new Date().toLocaleTimeString('it', { hour: '2-digit', minute: '2-digit' })
  const text = document.createElement('p')
  text.textContent = document.documentElement.lang === 'en'
    ? `Connection lost at ${time}: what you see is as it was then. Try again.`
    : `Connessione persa alle ${time}: i dati qui sono fermi a quell'ora. Riprova.`
  const alert = document.createElement('div')
  alert.className = 'alert alert-danger'
  alert.setAttribute('role', 'alert')
  alert.append(text)
  place.replaceChildren(alert)
})

// Not before the page's own keys listen, which is when all modules have run: a key pressed at the focus is never lost.
document.addEventListener('DOMContentLoaded', () => {
  if (document.activeElement === document.body) honour(document)
})
