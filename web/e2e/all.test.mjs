// One program and one browser serve all of them.
import './page.mjs';
import './problems.mjs';
import './code.mjs';
import './report.mjs';
