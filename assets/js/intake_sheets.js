// Persons are picked one by one; each becomes a line with a button that takes it away.
import { words } from './words.js'

const field = document.getElementById('cerca-persona')
const chosen = document.getElementById('scelte')

field?.addEventListener('combobox:pick', (event) => {
  event.preventDefault()
  const { id, value } = event.detail
  field.value = ''
  if (!id || chosen.querySelector(`input[value="${CSS.escape(id)}"]`)) return
  const item = document.createElement('li')
  item.className = 'chip'
  const kept = document.createElement('input')
  Object.assign(kept, { type: 'hidden', name: 'persona', value: id })
  const remove = document.createElement('button')
  remove.type = 'button'
  remove.textContent = '×'
  remove.setAttribute('aria-label', words(`Togli ${value} / Remove ${value}`))
  remove.addEventListener('click', () => { item.remove(); field.focus() })
  item.append(value, kept, remove)
  chosen.append(item)
})
