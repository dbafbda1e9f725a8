// Acquisizione lives: rows, pages, alert and foot are brought up to date by one stream, in place, so that the focus and
// what the hand is about to press stay where they are. Without a stream the whole is asked for every five seconds, and a
// stream that was refused is asked for again after growing pauses; where nothing gets an answer, the screen says since
// when it stands still.
import { keys } from './keys.js'
import { announce, words } from './words.js'

const POLL_MS = 5000
const SAY_MS = 10000
const NO_ANSWER_MS = 10000
const AGAIN_MS = 2000
const LONGEST_AGAIN_MS = 60000

const parsed = (html) => {
  const template = document.createElement('template')
  template.innerHTML = html
  return template.content
}

// The focus goes back to the same link or button when what held it was written anew.
function keepingFocus(place, change) {
  const held = place.contains(document.activeElement) ? document.activeElement : null
  const same = held?.getAttribute('href') ?? held?.closest('form')?.getAttribute('action') ?? null
  change()
  if (!held || held.isConnected || same === null) return
  const again = [...place.querySelectorAll('a[href]')].find((one) => one.getAttribute('href') === same) ??
    [...place.querySelectorAll('form')].find((one) => one.getAttribute('action') === same)?.querySelector('button')
  again?.focus()
}

function renew(place, fresh) {
  if (place.innerHTML.trim() === fresh.innerHTML.trim()) return
  keepingFocus(place, () => place.replaceChildren(...fresh.childNodes))
}

// Pages that did not change keep their pictures.
function renewTiles(place, fresh) {
  const old = place.querySelector('section')
  const next = fresh.querySelector('section')
  if (!old || !next || old.dataset.batch !== next.dataset.batch) return renew(place, fresh)
  keepingFocus(place, () => {
    const list = next.querySelector('[data-tiles]')
    for (const tile of list.children) {
      const before = document.getElementById(tile.id)
      if (before && before.dataset.state === tile.dataset.state && old.contains(before)) tile.replaceWith(before)
    }
    old.replaceWith(next)
  })
}

let said = ''
let saidAt = -Infinity
let waiting
function say() {
  const text = document.querySelector('#avviso [data-say]')?.dataset.say ?? ''
  if (text === said) return
  clearTimeout(waiting)
  waiting = setTimeout(() => {
    said = text
    saidAt = performance.now()
    if (text) announce(text)
  }, Math.max(0, saidAt + SAY_MS - performance.now()))
}

function start(root) {
  const rows = document.getElementById('lotti')
  const shell = (html) => {
    const made = document.createElement('div')
    made.append(parsed(html))
    return made
  }
  const row = (html) => {
    const next = parsed(html).querySelector('tr')
    if (!next) return
    const before = document.getElementById(next.id)
    if (before) renew(before, next)
    else rows.prepend(next)
    listen(next.id)
  }
  const heard = {
    avviso: (html) => { renew(document.getElementById('avviso'), shell(html)); say() },
    piede: (html) => renew(document.getElementById('piede'), shell(html)),
    // Pages of a new batch were told before anybody here listened for them.
    nuovo: (html) => { row(html); poll() },
  }
  const strip = (html) => renewTiles(document.getElementById('pagine'), shell(html))

  const address = new URL(root.dataset.intake, location.href)
  address.searchParams.set('last', root.dataset.mark)
  const open = window.htmx?.createEventSource ?? ((url) => new EventSource(url))
  let source
  let polling
  let broken
  let refused = 0
  const known = new Set()

  function hear(name) {
    const batch = name.replace(/^lotto-/, '')
    source.addEventListener(`lotto-${batch}`, (event) => row(event.data))
    source.addEventListener(`pagine-${batch}`, (event) => strip(event.data))
  }
  function listen(name) {
    if (known.has(name)) return
    known.add(name)
    if (source) hear(name)
  }

  const lost = document.getElementById('connessione')
  function standStill() {
    if (!lost.hidden) return
    broken ??= new Date()
    const time = lost.querySelector('time')
    time.dateTime = broken.toISOString()
    time.textContent = broken.toLocaleTimeString('it', { hour: '2-digit', minute: '2-digit' })
    lost.hidden = false
  }
  function moveAgain() {
    broken = undefined
    if (lost.contains(document.activeElement)) root.focus({ preventScroll: true })
    lost.hidden = true
  }

  async function poll() {
    if (document.hidden) return
    try {
      const signal = AbortSignal.timeout(NO_ANSWER_MS)
      const answer = await fetch('/acquisizione', { headers: { 'HX-Request': 'true' }, signal })
      if (answer.status === 401) location.reload()
      if (!answer.ok) return standStill()
      const whole = shell(await answer.text())
      for (const one of [...whole.querySelectorAll('#lotti > tr')].reverse()) row(one.outerHTML)
      heard.avviso(whole.querySelector('#avviso').innerHTML)
      strip(whole.querySelector('#pagine').innerHTML)
      heard.piede(whole.querySelector('#piede').innerHTML)
      moveAgain()
    } catch { standStill() /* the next turn tries again */ }
  }
  lost.querySelector('button').addEventListener('click', async () => {
    await poll()
    if (!lost.hidden) announce(words('Ancora nessuna risposta. / Still no answer.'))
  })

  // A stream that breaks off is taken up again by the browser; one that is answered with an error never is.
  const paused = document.getElementById('diretta')
  function askAgain() {
    source.close()
    if (paused.hidden) announce(paused.textContent.trim())
    paused.hidden = false
    setTimeout(connect, Math.min(AGAIN_MS * 2 ** refused++, LONGEST_AGAIN_MS))
  }
  function connect() {
    source = open(address.href)
    for (const [name, told] of Object.entries(heard)) source.addEventListener(name, (event) => told(event.data))
    for (const name of known) hear(name)
    source.onopen = () => {
      clearInterval(polling)
      polling = undefined
      refused = 0
      paused.hidden = true
      moveAgain()
    }
    source.onerror = () => {
      broken ??= new Date()
      polling ??= setInterval(poll, POLL_MS)
      if (source.readyState === EventSource.CLOSED) askAgain()
    }
  }
  try {
    connect()
  } catch {
    polling = setInterval(poll, POLL_MS)
  }
  for (const one of rows.children) listen(one.id)

  const problems = () => [...root.querySelectorAll('a[data-problem]')]
  const step = (by) => {
    const all = problems()
    if (!all.length) return
    const at = all.indexOf(document.activeElement)
    all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length].focus()
  }
  const press = (key) => root.querySelector(`[data-intake-key="${key}"]`)?.click()
  keys(root, {
    n: [() => press('n'), 'apri lotto / open a batch'],
    u: [() => press('u'), 'carica file / upload files'],
    j: [() => step(1), 'prossima pagina da rifare / next page to feed again'],
    k: [() => step(-1), 'pagina da rifare precedente / previous page to feed again'],
    Enter: [() => root.querySelector('[data-see]')?.click(), 'vedi la pagina / see the page'],
  })
  if (document.activeElement === document.body) root.focus({ preventScroll: true })
  said = document.querySelector('#avviso [data-say]')?.dataset.say ?? ''
}

const root = document.querySelector('[data-intake]')
if (root) start(root)
