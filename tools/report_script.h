/* report_script.h -- what the report does where scripts run: filter and sort
 * the verdicts, and open what a link or a printer asks for. */
#ifndef TOOLS_REPORT_SCRIPT_H
#define TOOLS_REPORT_SCRIPT_H

static const char report_script[] =
    "(function(){'use strict';\n"
    "var table=document.getElementById('verdict-table'),"
    "form=document.querySelector('form.filter'),"
    "body=table.tBodies[0],rows=Array.from(body.rows);\n"
    "rows.forEach(function(r,i){r.order=i;r.words=r.textContent.toLowerCase();"
    "r.id_=r.cells[0].textContent;r.kind=r.getAttribute('data-kind');"
    "r.verdict=r.cells[5].textContent.trim()});\n"
    "function filter(){var v=form.verdict.value,k=form.kind.value,"
    "g=form.group.value,"
    "t=form.text.value.toLowerCase(),n=0;rows.forEach(function(r){"
    "var show=(!v||r.verdict===v)&&(!k||r.kind===k)&&(!g||r.id_===g||r.id_.indexOf(g+'.')===0)&&"
    "(!t||r.words.indexOf(t)>=0);r.hidden=!show;n+=show});"
    "form.querySelector('output').textContent=n+' of '+rows.length+' rows'}\n"
    "function key(r,c){var t=r.cells[c].textContent.trim();"
    "if(c<2||c>4)return c===0?r.order:t;"
    "var x=parseFloat(t.replace(/^[<>]=? ?/,''));"
    "return isNaN(x)?(/inf/.test(t)?Infinity:-Infinity):x}\n"
    "function sort(c,th){var up=th.getAttribute('aria-sort')!=='ascending';"
    "Array.from(table.tHead.rows[0].cells).forEach(function(o){"
    "o.removeAttribute('aria-sort')});"
    "th.setAttribute('aria-sort',up?'ascending':'descending');"
    "rows.sort(function(a,b){var x=key(a,c),y=key(b,c);"
    "var d=x<y?-1:x>y?1:a.order-b.order;return up?d:-d});"
    "rows.forEach(function(r){body.appendChild(r)})}\n"
    "Array.from(table.tHead.rows[0].cells).slice(0,6).forEach(function(th,c){"
    "var b=document.createElement('button');b.type='button';"
    "b.textContent=th.textContent;th.textContent='';th.appendChild(b);"
    "b.addEventListener('click',function(){sort(c,th)})});\n"
    "form.hidden=false;form.addEventListener('input',filter);"
    "form.addEventListener('submit',function(e){e.preventDefault()});filter();"
    "\n"
    "function open_(){var t=location.hash&&document.getElementById("
    "decodeURIComponent(location.hash.slice(1)));"
    "for(var d=t;d;d=d.parentElement)if(d.tagName==='DETAILS')d.open=true}\n"
    "window.addEventListener('hashchange',open_);open_();\n"
    "window.addEventListener('beforeprint',function(){"
    "document.querySelectorAll('details').forEach(function(d){"
    "d.wasOpen=d.open;d.open=true})});\n"
    "window.addEventListener('afterprint',function(){"
    "document.querySelectorAll('details').forEach(function(d){"
    "d.open=d.wasOpen})})})();\n";

#endif
