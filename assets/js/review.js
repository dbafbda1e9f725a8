// Da rivedere: the list of answers, the page beside it, groups and sheets. What each key does is a button as well.
import { keys } from './keys.js'
import { announce, words } from './words.js'

const byId = (id) => document.getElementById(id)
const ZOOMS = [50, 75, 100, 125, 150, 200, 300, 400]

// ---- answers

function choose(list, option) {
  for (const one of list.querySelectorAll('[role="option"]')) one.setAttribute('aria-selected', String(one === option))
  list.setAttribute('aria-activedescendant', option.id)
  byId('scelta').value = option.dataset.value
  byId('accetta').disabled = false
  option.scrollIntoView({ block: 'nearest' })
}

const ready = (list) => [...list.querySelectorAll('[role="option"][data-value]:not([aria-disabled="true"])')]

// Where two persons are possible nothing is chosen beforehand, and an arrow alone must not arm the Enter key either.
function send(list, typed) {
  if (!byId('scelta').value || (list.dataset.stop && !typed)) return refuse(list.dataset.stop)
  byId('risposta').requestSubmit()
}

// What a key does not do is said where its answer would have been read, and aloud: the region is a live one.
function refuse(why) {
  const alert = document.createElement('div')
  alert.className = 'alert alert-warning'
  alert.textContent = why
  byId('messaggi').replaceChildren(alert)
  byId('ferma')?.scrollIntoView({ block: 'nearest' })
}

function answers(bench, list) {
  const step = (way) => () => {
    const options = ready(list)
    if (!options.length) return
    const at = options.findIndex((one) => one.getAttribute('aria-selected') === 'true')
    choose(list, options[at < 0 ? (way > 0 ? 0 : options.length - 1) : (at + way + options.length) % options.length])
  }
  const map = {
    ArrowDown: [step(1), 'risposta dopo / next answer'],
    ArrowUp: [step(-1), 'risposta prima / answer before'],
    Enter: [() => send(list, false), 'accetta la scelta / accept the choice'],
  }
  // What cannot be chosen stands last and has no number.
  list.querySelectorAll('[role="option"][data-value]').forEach((option, place) => {
    const pick = () => {
      if (option.getAttribute('aria-disabled') === 'true') return announce(option.textContent.trim())
      choose(list, option)
      send(list, true)
    }
    if (option.getAttribute('aria-disabled') !== 'true') map[String(place + 1)] = [pick, `accetta la ${place + 1} / accept number ${place + 1}`]
    option.addEventListener('click', () => {
      if (option.getAttribute('aria-disabled') !== 'true') choose(list, option)
      list.focus()
    })
    option.addEventListener('dblclick', pick)
  })
  // Opening a dialog or pressing another button keeps its own Enter: this one is of the list alone.
  keys(bench, map)
}

// ---- the page

function view(button) {
  const sheet = document.querySelector('#foglio .sheet')
  if (!sheet) return
  if (button.dataset.view === 'turn') return turn(sheet)
  const now = ZOOMS.indexOf(Number(sheet.dataset.zoom))
  const next = button.dataset.view === 'fit' ? 100 : ZOOMS[Math.min(Math.max(now + (button.dataset.view === 'in' ? 1 : -1), 0), ZOOMS.length - 1)]
  sheet.classList.replace(`zoom-${sheet.dataset.zoom}`, `zoom-${next}`)
  sheet.dataset.zoom = next
  announce(`${next} %`)
}

function turn(element) {
  const next = (Number(element.dataset.turn) + 90) % 360
  element.classList.remove('turn-90', 'turn-180', 'turn-270')
  if (next) element.classList.add(`turn-${next}`)
  element.dataset.turn = next
}

// A letter beside a reason: its box lights up, on whichever page it stands. Of a page that was typed there is none.
function light(link, event) {
  const mark = byId(`segno-${link.dataset.mark}`)
  for (const one of document.querySelectorAll('.evidence .lit')) one.classList.remove('lit')
  const here = document.querySelector('#foglio [data-number]')?.dataset.number === link.dataset.page
  if (!mark && here) {
    event.preventDefault()
    return announce(words('La prova vale per la pagina intera. / The proof goes for the page as a whole.'))
  }
  if (!mark) return
  event.preventDefault()
  mark.classList.add('lit')
  mark.scrollIntoView({ block: 'center' })
}

// Within its own pane: where the panes lie one below the other the page itself must not jump.
function showFirstProof() {
  const pane = byId('foglio')
  const mark = pane?.querySelector('.evidence g')
  if (!mark || pane.scrollHeight <= pane.clientHeight) return
  const box = mark.getBoundingClientRect()
  pane.scrollTop += box.top - pane.getBoundingClientRect().top - pane.clientHeight / 3
}

// The first pages of the next items are fetched when this one's has painted, one after the other, so that they are
// there when the key is pressed. Where the hand was quicker, the rest is left to the bench that came.
function fetchComing(bench) {
  const coming = (bench.dataset.coming ?? '').split(' ').filter(Boolean)
  const fetchNext = () => {
    const address = bench.isConnected ? coming.shift() : undefined
    if (!address) return
    const ahead = new Image()
    for (const end of ['load', 'error']) ahead.addEventListener(end, fetchNext, { once: true })
    ahead.src = address
  }
  const begin = () => { requestAnimationFrame(() => (window.requestIdleCallback ?? setTimeout)(fetchNext)) }
  const image = document.querySelector('#foglio img')
  if (!image || image.complete) begin()
  else for (const end of ['load', 'error']) image.addEventListener(end, begin, { once: true })
}

// ---- groups

function group(form) {
  keys(form, { Enter: [() => form.requestSubmit(), 'applica ai documenti spuntati / apply to the ticked ones'] })
  const list = byId('gruppo-lista')
  const ticks = [...list.querySelectorAll('input[name="con"]')]
  if (!ticks.length) return
  // The focus is on the tick itself, so that a screen reader says of which document it is.
  const step = (way) => () => {
    const at = ticks.indexOf(document.activeElement)
    ticks[at < 0 ? 0 : Math.min(Math.max(at + way, 0), ticks.length - 1)].focus()
  }
  keys(list, {
    ArrowDown: [step(1), 'documento dopo / next document'],
    ArrowUp: [step(-1), 'documento prima / document before'],
    ArrowRight: [step(1), ''],
    ArrowLeft: [step(-1), ''],
    ' ': [() => { ticks[0].focus(); ticks[0].click() }, 'mette o toglie la spunta / ticks or unticks'],
  })
}

// ---- sheets: where documents start, seen as stacks before they are saved

function sheets(form) {
  const strip = byId('striscia')
  const all = [...strip.querySelectorAll('.strip-sheet')]
  let at = Math.max(all.findIndex((one) => !one.classList.contains('strip-other')), 0)
  const box = (sheet) => sheet.querySelector('input[name="inizi"]')
  const blank = (sheet) => sheet.querySelector('input[name="bianche"]')
  const mark = () => {
    all.forEach((one, place) => {
      one.classList.toggle('strip-now', place === at)
      one.classList.toggle('strip-start', box(one).checked)
      one.classList.toggle('strip-blank', blank(one).checked)
    })
    all[at].scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }
  const stacks = () => {
    const sizes = []
    for (const one of all) {
      if (box(one).checked || !sizes.length) sizes.push(0)
      sizes[sizes.length - 1] += 1
    }
    const english = document.documentElement.lang === 'en'
    byId('pile').textContent = english
      ? `Documents: ${sizes.length}. Sheets: ${sizes.join(' + ')}`
      : `Documenti: ${sizes.length}. Fogli: ${sizes.join(' + ')}`
    mark()
  }
  const move = (way) => () => {
    at = Math.min(Math.max(at + way, 0), all.length - 1)
    mark()
    announce(`${all[at].textContent.trim().replace(/\s+/g, ' ')}`)
  }
  const set = (starts) => {
    if (box(all[at]).disabled) return announce(all[at].textContent.trim())
    box(all[at]).checked = starts
    stacks()
  }
  const setBlank = () => {
    const tick = blank(all[at])
    if (tick.disabled) return announce(all[at].textContent.trim())
    tick.checked = !tick.checked
    mark()
    announce(words(tick.checked ? 'bianca / blank' : 'non bianca / not blank'))
  }
  // Seen at once, on record when the sheets are saved.
  const turnSheet = () => {
    const image = all[at].querySelector('img')
    turn(image)
    const said = all[at].querySelector('input[name="girati"]')
    said.disabled = image.dataset.turn === '0'
    said.value = `${all[at].dataset.page}:${image.dataset.turn}:${said.dataset.before}`
    announce(`${image.dataset.turn}°`)
  }
  // A document is a stack: from the tick where it starts to the one before the next.
  const stackOf = (place) => all.filter((one, other) => other <= place && box(one).checked).length
  const number = (sheet) => { sheet.querySelector('input[name="posti"]').value = Number(box(sheet).value) + 1 }
  // Emptied first: the same sentence said twice is told twice.
  const tell = (said) => {
    byId('spostato').textContent = ''
    requestAnimationFrame(() => { byId('spostato').textContent = words(said) })
    byId('spostato').scrollIntoView({ block: 'nearest' })
  }
  // Where documents start is of the places, which keep their ticks whichever sheet comes to lie there.
  const put = (from, to) => {
    const sheet = all[from]
    const within = to >= 0 && to < all.length && stackOf(from) === stackOf(to)
    if (within) {
      const ticks = all.map((one) => ({ value: box(one).value, checked: box(one).checked, disabled: box(one).disabled }))
      all.splice(to, 0, ...all.splice(from, 1))
      strip.append(...all)
      all.forEach((one, place) => Object.assign(box(one), ticks[place]))
      at = to
      mark()
    }
    all.forEach(number)
    const [page, place] = [Number(sheet.dataset.page) + 1, Number(box(sheet).value) + 1]
    tell(within
      ? `Foglio ${page} spostato al posto ${place} / Sheet ${page} moved to place ${place}`
      : 'Un foglio si sposta solo dentro il suo documento: unisci prima i documenti. / A sheet is moved within its own document only: join the documents first.')
  }
  const shift = (way) => {
    if (all[at + way]) return put(at, at + way)
    tell(way < 0
      ? 'È il primo foglio: più indietro non va. / This is the first sheet: it goes no further back.'
      : 'È l\'ultimo foglio: più avanti non va. / This is the last sheet: it goes no further.')
  }
  let held = null
  strip.addEventListener('dragstart', (event) => {
    held = event.target.closest?.('.strip-sheet')
    if (held) event.dataTransfer.effectAllowed = 'move'
  })
  const under = (event) => held && event.target.closest('.strip-sheet')
  strip.addEventListener('dragover', (event) => { if (under(event)) event.preventDefault() })
  strip.addEventListener('drop', (event) => {
    const target = under(event)
    if (!target) return
    event.preventDefault()
    put(all.indexOf(held), all.indexOf(target))
  })
  strip.addEventListener('dragend', () => { held = null })
  keys(form, {
    ArrowLeft: [move(-1), 'foglio prima / sheet before'],
    ArrowRight: [move(1), 'foglio dopo / next sheet'],
    ' ': [() => set(!box(all[at]).checked), 'comincia qui, o no / starts here, or not'],
    Enter: [() => form.requestSubmit(), 'salva i fogli / save the sheets'],
  })
  form.addEventListener('click', (event) => {
    const button = event.target.closest('[data-strip]')
    const sheet = event.target.closest('.strip-sheet')
    if (sheet) at = all.indexOf(sheet)
    if (button?.dataset.strip === 'cut') set(true)
    if (button?.dataset.strip === 'join') set(false)
    if (button?.dataset.strip === 'back') shift(-1)
    if (button?.dataset.strip === 'forth') shift(1)
    if (button?.dataset.strip === 'turn') turnSheet()
    if (button?.dataset.strip === 'blank') setBlank()
    if (button) strip.focus()
    else mark()
  })
  form.addEventListener('change', (event) => {
    if (event.target.name !== 'posti') return stacks()
    const sheet = event.target.closest('.strip-sheet')
    put(all.indexOf(sheet), all.findIndex((one) => Number(box(one).value) === Number(event.target.value) - 1))
  })
  form.addEventListener('faldone:escape', () => { form.querySelector('a[href]')?.click() })
  stacks()
}

// ---- equipping what was swapped in

function equip() {
  const bench = byId('banco')
  if (!bench || bench.dataset.equipped) return
  bench.dataset.equipped = 'yes'
  const list = byId('risposte')
  if (list?.getAttribute('role') === 'listbox') answers(bench, list)
  if (byId('gruppo-modulo')) group(byId('gruppo-modulo'))
  if (byId('fogli-modulo')) sheets(byId('fogli-modulo'))
  fetchComing(bench)
  showFirstProof()
}

document.addEventListener('htmx:afterSwap', equip)
equip()

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-view]')
  if (button) view(button)
  const letter = event.target.closest('a.letter')
  if (letter) light(letter, event)
})

// Picking a person is the answer: no second key.
document.addEventListener('combobox:pick', (event) => {
  const form = event.target.closest('form[data-person]')
  if (!form) return
  event.preventDefault()
  event.target.value = event.detail.id ?? event.detail.value ?? ''
  form.requestSubmit()
})

// In a re-check it is one of three: the name stays to be read, and the id goes along until something else is typed.
document.addEventListener('combobox:pick', (event) => {
  const chosen = event.target.form?.elements.chi
  if (chosen) chosen.value = event.detail.id ?? ''
})
document.addEventListener('input', (event) => {
  const chosen = event.target.name === 'persona' && event.target.form?.elements.chi
  if (chosen) chosen.value = ''
})

// A refusal is told under the head, which a dialog on top of it would hide: what was typed in one is refused in it, and
// stays there to be put right.
const openForm = (event) => event.detail.requestConfig?.elt.closest('dialog[open] form')
document.addEventListener('htmx:beforeSwap', (event) => {
  const form = event.detail.isError ? openForm(event) : null
  if (!form) return
  let place = form.querySelector('.refusal')
  if (!place) {
    place = document.createElement('div')
    place.className = 'refusal'
    form.append(place)
  }
  event.detail.target = place
})
document.addEventListener('htmx:responseError', (event) => {
  const field = openForm(event)?.querySelector('input:not([type="hidden"]), select, textarea')
  const back = field ?? byId('risposte') ?? byId('f-persona')
  back?.focus()
})
