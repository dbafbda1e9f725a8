// Live pages (sse-connect, with sse.js): the stream is closed while the tab is hidden, since a browser has six
// connections to a server, and taken up again where it was when the tab comes back (?last=<id of the last event>).
class PausingSource {
  constructor(url) {
    this.url = new URL(url, location.href)
    this.listeners = new Map()
    this.last = ''
    this.closed = false
    this.onVisibility = () => document.hidden ? this.pause() : this.resume()
    document.addEventListener('visibilitychange', this.onVisibility)
    if (!document.hidden) this.resume()
  }

  get readyState() {
    return this.closed ? EventSource.CLOSED : (this.source?.readyState ?? EventSource.CONNECTING)
  }

  addEventListener(name, listener) {
    if (!this.listeners.has(name)) {
      this.listeners.set(name, new Set())
      this.attach(name)
    }
    this.listeners.get(name).add(listener)
  }

  removeEventListener(name, listener) {
    this.listeners.get(name)?.delete(listener)
  }

  attach(name) {
    this.source?.addEventListener(name, (event) => {
      this.last = event.lastEventId || this.last
      for (const listener of this.listeners.get(name)) listener(event)
    })
  }

  resume() {
    if (this.closed || this.source) return
    if (this.last) this.url.searchParams.set('last', this.last)
    this.source = new EventSource(this.url)
    this.source.onopen = (event) => this.onopen?.(event)
    this.source.onerror = (event) => {
      if (this.source?.readyState === EventSource.CLOSED) this.closed = true
      this.onerror?.(event)
    }
    for (const name of this.listeners.keys()) this.attach(name)
  }

  pause() {
    this.source?.close()
    this.source = undefined
  }

  close() {
    this.pause()
    this.closed = true
    document.removeEventListener('visibilitychange', this.onVisibility)
  }
}

if (window.htmx) window.htmx.createEventSource = (url) => new PausingSource(url)
