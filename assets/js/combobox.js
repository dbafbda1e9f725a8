// An editable combobox with a list (APG 1.2): input[data-combobox-url]. What is typed goes in the body of a POST (q=…),
// never in an address, since it is somebody's name. The answer is <li role="option"> elements; picking one tells
// `combobox:pick` with the option's data-*; unless that is prevented, data-href is followed and data-value fills the field.
import { announce, words } from './words.js'

const WAIT_MS = 130
const LEAST = 3
let made = 0

class Combobox {
  constructor(input) {
    this.input = input
    this.list = document.createElement('ul')
    this.list.id = `proposte-${++made}`
    this.list.className = 'combobox-list'
    this.list.hidden = true
    this.list.setAttribute('role', 'listbox')
    this.list.setAttribute('aria-label', words('Proposte / Proposals'))
    input.insertAdjacentElement('afterend', this.list)
    for (const [name, value] of Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': this.list.id })) {
      input.setAttribute(name, value)
    }
    input.addEventListener('input', () => this.typed())
    input.addEventListener('keydown', (event) => this.pressed(event))
    input.addEventListener('blur', () => this.close())
    // The field keeps the focus while the mouse picks.
    this.list.addEventListener('mousedown', (event) => event.preventDefault())
    this.list.addEventListener('click', (event) => {
      const option = event.target.closest('[role="option"]')
      if (option) this.pick(option)
    })
  }

  get options() {
    return [...this.list.querySelectorAll('[role="option"]')]
  }

  typed() {
    clearTimeout(this.timer)
    this.asked?.abort()
    this.mark(null)
    if (this.input.value.trim().length < LEAST) return this.close()
    this.timer = setTimeout(() => this.ask(), WAIT_MS)
  }

  async ask() {
    this.asked = new AbortController()
    try {
      const answer = await fetch(this.input.dataset.comboboxUrl, {
        method: 'POST',
        headers: { 'HX-Request': 'true' },
        body: new URLSearchParams({ q: this.input.value.trim() }),
        signal: this.asked.signal,
      })
      if (!answer.ok) return this.close()
      const text = await answer.text()
      if (document.activeElement === this.input) this.show(text)
    } catch (error) {
      if (error.name !== 'AbortError') this.close()
    }
  }

  show(html) {
    this.list.innerHTML = html
    this.options.forEach((option, place) => {
      option.id ||= `${this.list.id}-${place}`
      option.setAttribute('aria-selected', 'false')
    })
    const number = this.options.length
    this.list.hidden = this.list.childElementCount === 0
    this.input.setAttribute('aria-expanded', String(!this.list.hidden))
    announce(words(`${number} ${number === 1 ? 'proposta' : 'proposte'} / ${number} ${number === 1 ? 'proposal' : 'proposals'}`))
  }

  close() {
    clearTimeout(this.timer)
    this.asked?.abort()
    this.list.hidden = true
    this.list.replaceChildren()
    this.input.setAttribute('aria-expanded', 'false')
    this.mark(null)
  }

  mark(option) {
    for (const one of this.options) one.setAttribute('aria-selected', String(one === option))
    if (option) {
      this.input.setAttribute('aria-activedescendant', option.id)
      option.scrollIntoView({ block: 'nearest' })
    } else {
      this.input.removeAttribute('aria-activedescendant')
    }
  }

  get active() {
    return this.options.find((one) => one.getAttribute('aria-selected') === 'true') ?? null
  }

  pressed(event) {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return
    const open = !this.list.hidden
    if (event.key === 'Escape' && open) {
      event.preventDefault()
      event.stopPropagation()
      this.close()
    } else if (event.key === 'Enter' && open && this.active) {
      event.preventDefault()
      this.pick(this.active)
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && open && this.options.length) {
      event.preventDefault()
      const all = [null, ...this.options]
      const step = event.key === 'ArrowDown' ? 1 : -1
      this.mark(all[(all.indexOf(this.active) + step + all.length) % all.length])
    } else if (event.key === 'ArrowDown' && !open && this.input.value.trim().length >= LEAST) {
      event.preventDefault()
      this.ask()
    }
  }

  pick(option) {
    const data = { ...option.dataset }
    this.close()
    const told = new CustomEvent('combobox:pick', { bubbles: true, cancelable: true, detail: data })
    if (!this.input.dispatchEvent(told)) return
    if (data.value !== undefined) this.input.value = data.value
    if (data.href) location.assign(data.href)
  }
}

function equip(root) {
  const inputs = [...(root.querySelectorAll?.('input[data-combobox-url]') ?? [])]
  if (root.matches?.('input[data-combobox-url]')) inputs.push(root)
  for (const input of inputs) if (!input.hasAttribute('aria-controls')) new Combobox(input)
}

document.addEventListener('htmx:afterSwap', (event) => equip(event.target))
equip(document)
