// The page viewer: zoom, turns of the view, the text over the image, boxes of proofs, what comes next fetched ahead.
// The page pane is swapped as a whole, so everything here starts from it anew; zoom and turn stay from page to page.
import { announce, words } from './words.js'

const STEPS = [50, 75, 100, 125, 150, 200, 300, 400]
const SEEN_AFTER_MS = 1000
const FINE_FROM = 200

const state = { zoom: 100, text: false, turn: 0 }
let timer
let watcher

const pane = () => document.getElementById('pagina')
// No id: htmx would carry its style over to the next page's as an attribute, which the content policy forbids.
const sheet = () => document.querySelector('[data-sheet]')

function zoom(to) {
  state.zoom = to
  const paper = sheet()
  for (const step of STEPS) paper.classList.toggle(`zoom-${step}`, step === to)
  const image = paper.querySelector('img')
  fit()
  image.sizes = `${Math.max(200, Math.round(paper.clientWidth))}px`
  if (to >= FINE_FROM && image.dataset.full && image.naturalWidth < paper.clientWidth) {
    image.removeAttribute('srcset')
    image.src = image.dataset.full
  }
  pane().querySelector('[data-zoom-value]').textContent = `${to} %`
}

function step(by) {
  const place = STEPS.indexOf(state.zoom) + by
  if (place >= 0 && place < STEPS.length) zoom(STEPS[place])
}

function turn(by) {
  state.turn = (state.turn + by) % 360
  const paper = sheet()
  for (const quarter of [90, 180, 270]) paper.classList.toggle(`turn-${quarter}`, quarter === state.turn)
  fit()
  const saving = pane().querySelector('[data-save-turn]')
  if (saving) {
    saving.hidden = state.turn === 0
    saving.elements.turn.value = String((Number(saving.dataset.saveTurn) + state.turn) % 360)
  }
}

// A sheet that lies on its side is as wide as it was high: it is drawn smaller, and the frame is as high as it is wide.
function fit() {
  const paper = sheet()
  const sideways = state.turn % 180 !== 0
  const ratio = Number(paper.dataset.width) / Number(paper.dataset.height)
  paper.style.width = sideways ? `${state.zoom * ratio}%` : ''
  const gap = sideways ? (paper.offsetWidth - paper.offsetHeight) / 2 : 0
  paper.style.marginBlock = sideways ? `${gap}px` : ''
  paper.style.marginInline = sideways ? `${Math.max(-gap, 0)}px auto` : ''
}

function text(open) {
  state.text = open
  const article = document.getElementById('testo')
  article.toggleAttribute('data-folded', !open)  // not a class: htmx puts those back when a swap settles
  pane().querySelector('[data-text]').setAttribute('aria-expanded', String(open))
}

const numbers = (text) => text.split(',').map(Number)

// Every word runs over the image where it stands, and leans as it does on a page that stands otherwise than it was
// read: sizes are shares of the sheet, so that zooming computes nothing.
function layer() {
  const over = document.getElementById('strato')
  if (!over) return
  const lean = Number(over.dataset.lean)
  const width = Number(sheet().dataset.width)
  const height = Number(sheet().dataset.height)
  const pen = document.createElement('canvas').getContext('2d')
  pen.font = '100px sans-serif'
  for (const span of over.querySelectorAll('span')) {
    const [x, y, long, high] = numbers(span.dataset.run)
    const natural = pen.measureText(span.textContent.trimEnd()).width / 100 * high
    span.style.left = `${100 * x / width}%`
    span.style.top = `${100 * y / height}%`
    span.style.fontSize = `${100 * high / width}cqw`
    span.style.transform = `rotate(${lean}deg) scaleX(${natural > 0 ? long / natural : 1})`
  }
}

// While a drag selects, the space between words must not be the end of the page: an element under them holds it.
function steady() {
  const over = document.getElementById('strato')
  if (!over) return
  const end = document.createElement('div')
  end.className = 'text-end'
  over.append(end)
  over.addEventListener('mousedown', () => over.classList.add('selecting'))
  document.addEventListener('mouseup', () => over.classList.remove('selecting'), { once: false })
}

function light(proof) {
  const drawing = document.getElementById('prove')
  if (!drawing) return
  drawing.replaceChildren()
  if (!proof?.dataset.b || proof.dataset.proof !== pane().dataset.page) return
  const group = document.createElementNS('http://www.w3.org/2000/svg', 'g')
  group.setAttribute('class', proof.dataset.kind)
  const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  const [x, y, width, height] = numbers(proof.dataset.b)
  for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, value)
  group.append(rect)
  drawing.append(group)
  rect.scrollIntoView({ block: 'center', inline: 'nearest' })
}

function ahead() {
  for (const address of (pane().dataset.ahead ?? '').split(' ').filter(Boolean)) new Image().src = address
}

function seen() {
  clearTimeout(timer)
  watcher?.disconnect()
  const { seen: address } = pane().dataset
  watcher = new IntersectionObserver(([entry]) => {
    clearTimeout(timer)
    if (!entry.isIntersecting) return
    timer = setTimeout(() => {
      if (document.visibilityState !== 'visible') return
      watcher.disconnect()
      fetch(address, { method: 'POST', keepalive: true }).catch(() => {})
    }, SEEN_AFTER_MS)
  })
  watcher.observe(sheet())
}

function toHit() {
  const hit = document.getElementById('corrispondenza')
  const frame = document.getElementById('vista')
  if (!hit) return
  // To the upper third of what is in view.
  const top = hit.getBoundingClientRect().top - frame.getBoundingClientRect().top
  const scroller = frame.scrollHeight > frame.clientHeight ? frame : pane()
  scroller.scrollTop += top - scroller.clientHeight / 3
}

function start() {
  const here = pane()
  if (!here || here.dataset.ready) return
  here.dataset.ready = 'yes'
  for (const hidden of here.querySelectorAll('.needs-script:not([data-save-turn])')) hidden.hidden = false
  state.turn = 0
  zoom(state.zoom)
  text(state.text)
  layer()
  steady()
  seen()
  const image = sheet().querySelector('img')
  if (image.complete) ahead()
  else image.addEventListener('load', ahead, { once: true })
  requestAnimationFrame(toHit)
  for (const thumb of document.querySelectorAll('#pagine [data-page]')) {
    const current = thumb.dataset.page === here.dataset.page
    if (current) thumb.setAttribute('aria-current', 'page')
    else thumb.removeAttribute('aria-current')
    if (!current) continue
    thumb.scrollIntoView({ block: 'nearest' })
    const small = thumb.querySelector('img')
    if (small && small.getAttribute('src') !== here.dataset.thumb) small.src = here.dataset.thumb  // it was turned
  }
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button')
  if (!button || !pane()?.contains(button)) return
  if (button.dataset.zoom) button.dataset.zoom === '0' ? zoom(100) : step(button.dataset.zoom === '+' ? 1 : -1)
  if (button.dataset.turn) {
    turn(Number(button.dataset.turn))
    announce(words(`Vista ruotata di ${state.turn} gradi / View turned by ${state.turn} degrees`))
  }
  if ('text' in button.dataset) text(!state.text)
})

for (const kind of ['focusin', 'mouseover']) {
  document.addEventListener(kind, (event) => {
    const proof = event.target.closest?.('[data-proof]')
    if (proof) light(proof)
  })
}

// A proof on another page turns to it, and then its box is lit.
let wanted = null
document.addEventListener('click', (event) => { wanted = event.target.closest('[data-proof]') ?? wanted })

document.addEventListener('combobox:pick', (event) => {
  const form = event.target.closest('[data-correct]')
  const person = event.detail.id ?? event.detail.value
  if (form?.elements.persona && person) form.elements.persona.value = person
})

document.addEventListener('input', (event) => {
  const form = event.target.closest('[data-correct]')
  if (form?.elements.persona && event.target.name === 'valore') form.elements.persona.value = ''
})

document.addEventListener('faldone:escape', () => document.getElementById('ai-risultati')?.click())

document.addEventListener('htmx:afterSwap', () => {
  start()
  // At the last page the button that was pressed is gone.
  if (document.activeElement === document.body) document.getElementById('vista')?.focus()
  if (wanted?.isConnected) light(wanted)
  wanted = null
})

start()
