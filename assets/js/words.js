// The visitor's half of «italiano / English».
export const words = (pair) => {
  const [italian, english] = pair.split(' / ')
  return document.documentElement.lang === 'en' && english ? english : italian
}

// Says something to readers of the screen, once.
export function announce(text) {
  const place = document.getElementById('annuncio')
  if (place) place.textContent = text
}
