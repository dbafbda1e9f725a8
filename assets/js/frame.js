// What every page needs; a screen's own module is loaded beside it.
import './focus.js'
import './dialogs.js'
import './combobox.js'
import './idle.js'
import './live.js'
import { keys } from './keys.js'

const search = document.getElementById('cerca')
if (search) keys(document, { '/': [() => { search.focus(); search.select() }, 'cerca / search'] })
