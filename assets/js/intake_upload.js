// Files are dropped or chosen, and go one after the other, each with its progress. Without script the form sends all.
import { announce, words } from './words.js'

const form = document.getElementById('carica')
const list = document.getElementById('caricati')

function line(name) {
  const item = document.createElement('li')
  const title = document.createElement('strong')
  title.textContent = name
  const bar = document.createElement('progress')
  bar.max = 100
  bar.setAttribute('aria-label', name)
  item.append(title, ' ', bar)
  list.prepend(item)
  return { item, bar }
}

const fail = (item, name, text) => {
  const title = document.createElement('strong')
  title.textContent = name
  item.replaceChildren(words('Rifiutato: / Refused:'), ' ', title, ' ', text)
}

function send(file) {
  const { item, bar } = line(file.name)
  const limit = Number(form.dataset.limit)
  if (file.size > limit) {
    fail(item, file.name, words(`supera ${Math.floor(limit / 1e6)} MB. / is larger than ${Math.floor(limit / 1e6)} MB.`))
    return Promise.resolve(false)
  }
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    request.open('POST', form.action)
    request.setRequestHeader('HX-Request', 'true')
    request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = Math.round(100 * event.loaded / event.total) }
    request.onload = () => {
      const template = document.createElement('template')
      template.innerHTML = request.responseText
      const done = template.content.querySelector('li')
      if (request.status < 300 && done) item.replaceWith(...template.content.querySelectorAll('li'))
      else fail(item, file.name, template.content.textContent.trim().replace(/\s+/g, ' '))
      resolve(request.status < 300)
    }
    request.onerror = () => {
      fail(item, file.name, words('connessione persa: riprova. / connection lost: try again.'))
      resolve(false)
    }
    const body = new FormData()
    const inbox = form.elements.namedItem('inbox')
    if (inbox) body.append('inbox', inbox.value) // before the file: it is read as it comes
    body.append('file', file)
    request.send(body)
  })
}

async function sendAll(files) {
  for (const file of files) await send(file)
  announce(words(`Caricamento finito: ${files.length} file. / Upload ended: ${files.length} files.`))
}

if (form) {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const files = [...form.elements.namedItem('file').files]
    form.elements.namedItem('file').value = ''
    sendAll(files)
  })
  form.addEventListener('dragover', (event) => { event.preventDefault(); form.classList.add('is-over') })
  form.addEventListener('dragleave', () => form.classList.remove('is-over'))
  form.addEventListener('drop', (event) => {
    event.preventDefault()
    form.classList.remove('is-over')
    sendAll([...event.dataTransfer.files])
  })
}
