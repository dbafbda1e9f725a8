// Writes src/faldone/web/static/: one style sheet, the scripts as they are, four fonts, a sprite of the icons in use.
// Whatever one file names in another carries the mark of its content (?v=…), as in pages: all may be kept for ever.
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as sass from 'sass'

const here = dirname(fileURLToPath(import.meta.url))
const modules = join(here, 'node_modules')
const italia = join(modules, 'bootstrap-italia')
const target = join(here, '..', 'src', 'faldone', 'web', 'static')
const out = `${target}.new`

const ICONS = readFileSync(join(here, 'icons.txt'), 'utf8').split(/\s+/).filter(Boolean)

const FONTS = {
  'titillium-400': 'Titillium_Web/titillium-web-v10-latin-ext_latin-regular.woff2',
  'titillium-600': 'Titillium_Web/titillium-web-v10-latin-ext_latin-600.woff2',
  'titillium-700': 'Titillium_Web/titillium-web-v10-latin-ext_latin-700.woff2',
  'roboto-mono-400': 'Roboto_Mono/roboto-mono-v13-latin-ext_latin-regular.woff2',
}

const mark = (content) => createHash('sha256').update(content).digest('hex').slice(0, 10)

function style() {
  const options = {
    style: 'compressed',
    loadPaths: [join(here, 'scss'), join(italia, 'src', 'scss')],
    // bootstrap-italia is written for an older Sass; what it is warned of is not ours to mend.
    silenceDeprecations: ['import', 'global-builtin', 'color-functions', 'if-function'],
    quietDeps: true,
  }
  const screens = readdirSync(join(here, 'scss', 'screens')).filter((name) => name.endsWith('.scss')).sort()
  const source = ['faldone', ...screens.map((name) => `screens/${name}`)].map((name) => `@import '${name}';`).join('\n')
  const css = sass.compileString(source, options).css
  if (css.includes('url("data:')) throw new Error('a data: image in the style sheet: the CSP would refuse it')
  return css.replace(/url\("?(fonts\/[\w-]+\.woff2)"?\)/g, (_, name) => `url("${name}?v=${mark(readFileSync(join(out, name)))}")`)
}

function sprite() {
  const all = readFileSync(join(italia, 'dist', 'svg', 'sprites.svg'), 'utf8')
  const symbols = ICONS.map((name) => {
    const found = all.match(new RegExp(`<symbol id="${name}".*?</symbol>`, 's'))
    if (!found) throw new Error(`no icon called ${name}`)
    return found[0]
  })
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`
}

// A module with its imports marked; those are marked first.
const scripts = new Map()
function script(name) {
  if (!scripts.has(name)) {
    const text = readFileSync(join(here, 'js', name), 'utf8')
    scripts.set(name, text.replace(/(from|import) '\.\/([\w-]+\.js)'/g, (_, word, other) => `${word} './${other}?v=${mark(script(other))}'`))
  }
  return scripts.get(name)
}

rmSync(out, { recursive: true, force: true })
for (const folder of ['js', 'fonts']) mkdirSync(join(out, folder), { recursive: true })
for (const [name, path] of Object.entries(FONTS)) cpSync(join(italia, 'dist', 'fonts', path), join(out, 'fonts', `${name}.woff2`))
writeFileSync(join(out, 'faldone.css'), style())
writeFileSync(join(out, 'sprite.svg'), sprite())
cpSync(join(here, 'favicon.svg'), join(out, 'favicon.svg'))
for (const name of readdirSync(join(here, 'js'))) writeFileSync(join(out, 'js', name), script(name))
cpSync(join(modules, 'htmx.org', 'dist', 'htmx.min.js'), join(out, 'js', 'htmx.min.js'))
cpSync(join(modules, 'htmx-ext-sse', 'sse.js'), join(out, 'js', 'sse.js'))
rmSync(target, { recursive: true, force: true })
renameSync(out, target)
