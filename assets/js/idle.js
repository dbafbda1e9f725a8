// Nobody at the desk: after ten minutes, or by «Blocca», the screen is blank in every tab until the password is typed
// again, or the office's provider has said who it is (/sblocca). The page stays as it was under it. It is a curtain
// against eyes, not the door: that is the session, which the server ends. Two minutes before it does, the page says so
// and offers to go on (POST /sessione).
import { words } from './words.js'

const BLANK_MS = 10 * 60 * 1000
const SESSION_MS = 30 * 60 * 1000 // without a request, as pipeline.entering.IDLE has it
const WARN_MS = 2 * 60 * 1000
const LOCKED = 'faldone-locked' // a flag, nothing of anybody
const LEFT = 'left'
let blank = null
let timer = 0

function lock() {
  if (blank) return
  localStorage.setItem(LOCKED, '1')
  for (const open of document.querySelectorAll('dialog:modal')) open.close()
  blank = document.createElement('dialog')
  blank.className = 'blank-screen'
  blank.setAttribute('aria-labelledby', 'bloccato')
  blank.innerHTML = `<div class="blank-text"><h2 id="bloccato"></h2><p></p>
<form class="text-start"><div class="field"><label for="sblocca-password"></label>
<input class="form-control" id="sblocca-password" name="password" type="password" autocomplete="current-password" required></div>
<p role="alert"></p><button class="btn btn-primary" type="submit"></button></form>
<p class="text-start mt-3" hidden><a class="btn btn-primary" href="/accedi/oidc?sblocca=1" target="_blank"></a></p>
<form class="text-start mt-3" method="post" action="/esci"><button class="btn btn-outline-light" type="submit"></button></form></div>`
  const [unlock, leave] = blank.querySelectorAll('form')
  blank.querySelector('h2').textContent = words('Schermo bloccato / Screen locked')
  blank.querySelector('p').textContent = words('La pagina è rimasta come l\'hai lasciata. / The page is as you left it.')
  blank.querySelector('label').textContent = 'Password'
  unlock.querySelector('button').textContent = words('Sblocca schermo / Unlock screen')
  leave.querySelector('button').textContent = words('Esci / Leave')
  leave.addEventListener('submit', () => localStorage.removeItem(LOCKED))
  unlock.addEventListener('submit', async (event) => {
    event.preventDefault()
    const answer = await fetch('/sblocca', { method: 'POST', headers: { 'HX-Request': 'true' }, body: new URLSearchParams(new FormData(unlock)) }).catch(() => null)
    if (answer?.ok) return open()
    if (answer?.status === 401) return location.reload()
    unlock.reset()
    unlock.querySelector('[role="alert"]').textContent = answer
      ? await answer.text()
      : words('Il server non risponde: riprova. / The server does not answer: try again.')
  })
  blank.addEventListener('cancel', (event) => event.preventDefault())
  blank.addEventListener('close', () => { if (localStorage.getItem(LOCKED)) blank?.showModal() })
  document.body.append(blank)
  blank.showModal()
  offer(blank, unlock)
}

// A password is no use to who has none: the office's provider is asked, in a tab of its own, and this page stays.
async function offer(shown, unlock) {
  const answer = await fetch('/sblocca', { headers: { 'HX-Request': 'true' } }).catch(() => null)
  if (answer?.status === 401) return location.reload()
  if (!answer?.ok || !shown.isConnected) return
  const ways = await answer.json()
  unlock.hidden = !ways.password
  const link = shown.querySelector('a')
  link.textContent = ways.provider ?? ''
  link.parentElement.hidden = !ways.provider
  if (!ways.password) (ways.provider ? link : shown.querySelector('form[action="/esci"] button')).focus()
}

function open() {
  localStorage.removeItem(LOCKED)
  blank?.close()
  blank?.remove()
  blank = null
  stir()
}

function stir() {
  clearTimeout(timer)
  if (!blank) timer = setTimeout(lock, BLANK_MS)
}

let ending = 0

// The last end of all, by this machine's clock, which need not be the server's.
const last = Date.now() + 1000 * Number(document.body.dataset.sessionLeft ?? Infinity)

// Each request moves the end, but not the last one.
function count() {
  clearTimeout(ending)
  document.getElementById('sessione-finisce')?.remove()
  const idle = Date.now() + SESSION_MS
  const end = Math.min(last, idle)
  ending = setTimeout(() => warn(end === idle), Math.max(0, end - WARN_MS - Date.now()))
}

function warn(canStay) {
  const alert = document.createElement('div')
  alert.id = 'sessione-finisce'
  alert.className = 'alert alert-warning'
  alert.setAttribute('role', 'alert')
  const text = document.createElement('p')
  text.className = 'alert-text'
  text.textContent = canStay
    ? words('Fra due minuti la sessione finisce. / Your session ends in two minutes.')
    : words('Fra due minuti la sessione finisce: salva quello che stai scrivendo, poi entra di nuovo. / Your session ends in two minutes: save what you are writing, then enter again.')
  alert.append(text)
  if (canStay) {
    const stay = document.createElement('button')
    stay.type = 'button'
    stay.className = 'btn btn-sm btn-primary'
    stay.textContent = words('Resta collegato / Stay')
    stay.addEventListener('click', async () => {
      const answer = await fetch('/sessione', { method: 'POST', headers: { 'HX-Request': 'true' } }).catch(() => null)
      if (answer?.ok) count()
    })
    alert.append(stay)
  }
  (document.getElementById('messaggi') ?? document.body).prepend(alert)
}

if ('entered' in document.body.dataset) {
  for (const name of ['pointerdown', 'pointermove', 'keydown', 'scroll']) document.addEventListener(name, stir, { passive: true, capture: true })
  for (const button of document.querySelectorAll('[data-lock]')) {
    button.hidden = false
    button.addEventListener('click', lock)
  }
  window.addEventListener('storage', (event) => {
    if (event.key !== LOCKED) return
    if (event.newValue === LEFT) location.reload()
    else if (event.newValue) lock()
    else open()
  })
  document.addEventListener('htmx:afterRequest', count)
  count()
  if (localStorage.getItem(LOCKED)) lock()
  else stir()
} else {
  const unlocks = document.querySelector('[data-unlocks]')
  // At the door nobody has entered, so that pages in other tabs are nobody's; else the provider has opened the screen.
  if (unlocks?.dataset.unlocks === LEFT) localStorage.setItem(LOCKED, LEFT)
  if (unlocks) localStorage.removeItem(LOCKED)
}
