// A running verification: where the stream does not come through, the state is asked for every five seconds.
const place = document.getElementById('prova')
let timer

function ask() {
  if (place.querySelector('[role="progressbar"]')) {
    if (!document.hidden) window.htmx.trigger(place, 'aggiorna')
  } else {
    stop()
  }
}

function stop() {
  clearInterval(timer)
  timer = undefined
}

place?.addEventListener('htmx:sseError', () => { timer ??= setInterval(ask, 5000) })
place?.addEventListener('htmx:sseOpen', stop)
