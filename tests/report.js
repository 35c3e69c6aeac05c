/* report.js -- what a reader of the report relies on; tests/report.sh puts it
 * into the head of a copy, and shows that in a frame of a phone's or a screen's
 * width, which collects the answers. */
(function () {
    'use strict';
    var errors = [], answers = [];
    window.addEventListener('error', function (e) {
        errors.push(e.message ||
                    'not loaded: ' + (e.target.src || e.target.href));
    }, true);
    window.addEventListener('unhandledrejection', function (e) {
        errors.push(String(e.reason));
    });
    var log = console.error;
    console.error = function () {
        errors.push(Array.from(arguments).join(' '));
        log.apply(console, arguments);
    };

    function say(what, wrong) { /* wrong: a list of what is */
        answers.push((wrong.length ? 'failed' : 'passed') + ' ' + what +
                     (wrong.length ? ': ' + wrong.slice(0, 5).join('; ') : ''));
    }

    function all(selector) {
        return Array.from(document.querySelectorAll(selector));
    }

    function visible() {
        return all('#verdict-table tbody tr').filter(function (r) {
            return r.getClientRects().length > 0;
        });
    }

    function verdict(row) {
        return row.cells[5].textContent.trim();
    }

    function choose(verdict, kind, group, text) {
        var form = document.querySelector('form.filter');
        form.verdict.value = verdict;
        form.kind.value = kind;
        form.group.value = group;
        form.text.value = text;
        form.dispatchEvent(new Event('input'));
    }

    function links() {
        say('links within the page', all('a[href^="#"]').filter(function (a) {
            return !document.getElementById(
                decodeURIComponent(a.getAttribute('href').slice(1)));
        }).map(function (a) { return a.getAttribute('href'); }));
        say('nothing is taken from elsewhere', all('[src], link, a').filter(
            function (e) {
                var at = e.getAttribute('src') || e.getAttribute('href') || '';
                return !/^(#|data:)/.test(at);
            }).map(function (e) { return e.outerHTML.slice(0, 80); }));
        var ids = {}, twice = [];
        all('[id]').forEach(function (e) {
            if (ids[e.id])
                twice.push(e.id);
            ids[e.id] = true;
        });
        say('every id is there once', twice);
    }

    function figures() {
        var f = all('#gallery figure, figure#empty'), wrong = f.filter(function (e) {
            var d = e.querySelector('svg, img'),
                box = d && d.getBoundingClientRect();
            return !box || box.width < 100 || box.height < 50 ||
                (d.tagName === 'IMG' && d.naturalWidth === 0) ||
                e.querySelector('figcaption').textContent.length < 40;
        }).map(function (e) { return e.id; });
        say('figures have a size and a caption',
            f.length < 20 ? ['only ' + f.length] : wrong);
    }

    /* Every figure is in the list of all, and says the command that draws it. */
    function commands() {
        var listed = all('#gallery nav a').map(function (a) {
            return a.getAttribute('href') + ' ' + a.textContent;
        }), wrong = all('#gallery figure').filter(function (f) {
            var name = f.id.replace('figure-', ''), number = f.querySelector(
                'h3').textContent.replace(/^Figure (\d+)\..*/, '$1');
            return f.querySelector('figcaption').textContent
                .indexOf('make figure NAME=' + name + ' ') < 0 ||
                listed.indexOf('#' + f.id + ' ' + number) < 0;
        }).map(function (f) { return f.id; });
        say('figures say their command', wrong);
    }

    /* Letters have 13 points in a drawing. */
    function small(svg) {
        var box = svg.viewBox.baseVal;
        return !box || svg.getBoundingClientRect().width * 13 < 7 * box.width;
    }

    function letters() {
        say('letters of figures are large enough',
            all('#gallery figure').filter(function (f) {
                return small(f.querySelector('svg'));
            }).map(function (f) { return f.id; }));
    }

    /* What three newcomers were asked: where uniqueness fails and why, what M =
     * 4 costs two modes, which command gives figure 3. */
    function tasks() {
        var wrong = [], first = document.getElementById('phrase-1'),
            third = all('#gallery figure').filter(function (f) {
                return /^Figure 3\./.test(f.querySelector('h3').textContent);
            })[0];
        if (!/where it fails/.test(first.textContent) ||
            !/Two exact flows differ by a map/.test(first.textContent) ||
            !/Where it fails: Figure \d+\./.test(first.textContent))
            wrong.push('where uniqueness fails');
        if (!all('details.phrase').some(function (d) {
            return /Two modes cost 0\.1626\d* nats/.test(d.textContent);
        }))
            wrong.push('the cost of M = 4');
        if (!third || !/make figure NAME=/.test(third.textContent))
            wrong.push('the command of figure 3');
        say('what newcomers ask', wrong);
    }

    function layout(when) {
        var page = document.documentElement, wide = page.clientWidth;
        say('no horizontal scrolling at ' + wide + ' pixels' +
            (when ? ' ' + when : ''),
            page.scrollWidth > wide ? [page.scrollWidth + ' wide'] : []);
    }

    function filters() {
        var rows = all('#verdict-table tbody tr'), wrong = [];
        function expect(what, is, should) {
            if (is !== should || should === 0)
                wrong.push(what + ': ' + is + ' rows, expected ' + should);
        }
        function having(test) {
            return rows.filter(test).length;
        }
        expect('none', visible().length, rows.length);
        choose('refuted', '', '', '');
        expect('refuted', visible().length, having(function (r) {
            return verdict(r) === 'refuted';
        }));
        Array.from(document.querySelector('form.filter').kind.options)
            .slice(1).forEach(function (option) {
                var kind = option.textContent, has = having(function (r) {
                    return r.querySelector('summary').textContent
                        .split(',')[0] === kind;
                });
                choose('', kind, '', '');
                if (has > 0 || visible().length > 0)
                    expect(kind, visible().length, has);
            });
        choose('', '', 'C1', '');
        expect('C1', visible().length, having(function (r) {
            return /^C1\./.test(r.cells[0].textContent);
        }));
        choose('', '', '', 'INVERSION');
        expect('text', visible().length, having(function (r) {
            return /inversion/i.test(r.textContent);
        }));
        choose('', '', '', '');
        expect('all again', visible().length, rows.length);
        say('filters', wrong);
    }

    /* What a row could have seen is folded, and there. */
    function folded() {
        var rows = all('#verdict-table tbody tr'), wrong = [];
        rows.forEach(function (r) {
            var d = r.querySelector('details.how');
            if (!d || d.open || d.querySelector('summary').textContent === '')
                wrong.push('no fold: ' + r.textContent.slice(0, 40));
        });
        ['p = ', 'Detectable: '].forEach(function (say) {
            if (!rows.some(function (r) {
                return r.querySelector('details.how').textContent
                    .indexOf(say) >= 0;
            }))
                wrong.push('no row says ' + say);
        });
        say('rows say what they could have seen', wrong);
    }

    function sorting() {
        var wrong = [], count = visible().length;
        var head = all('#verdict-table thead button');
        function values(c) {
            return visible().map(function (r) {
                return parseFloat(
                    r.cells[c].textContent.replace(/^[<>]=? ?/, ''));
            }).filter(function (x) { return !isNaN(x); });
        }
        function sorted(v, sign) {
            return v.every(function (x, i) {
                return i === 0 || sign * (x - v[i - 1]) >= 0;
            });
        }
        head[2].click();
        if (!sorted(values(2), 1))
            wrong.push('measured does not rise');
        head[2].click();
        if (!sorted(values(2), -1))
            wrong.push('measured does not fall');
        head[5].click();
        var names = visible().map(verdict);
        if (names.join() !== names.slice().sort().join())
            wrong.push('verdicts are not in order');
        head[0].click();
        if (visible().length !== count)
            wrong.push('rows are lost');
        say('sorting', wrong);
    }

    function details() {
        var hidden = document.querySelector('details[id]');
        location.hash = '#' + hidden.id;
        return function () {
            say('a link opens what it leads to',
                hidden.open ? [] : [hidden.id + ' stays closed']);
        };
    }

    /* Each phrase has a mark, a word and what opens; all are closed at first. */
    function phrases() {
        var wrong = [], p = all('details.phrase');
        if (p.length !== 10)
            wrong.push(p.length + ' of them');
        p.forEach(function (d, i) {
            var items = Array.from(d.querySelectorAll('dt')).map(function (t) {
                return t.textContent;
            });
            if (d.open)
                wrong.push(i + 1 + ' is open');
            ['verdict', 'statement', 'what holds', 'measured here', 'command']
                .forEach(function (name) {
                    if (items.indexOf(name) < 0)
                        wrong.push(i + 1 + ' lacks ' + name);
                });
            if (!d.querySelector('summary .mark').textContent ||
                !d.querySelector('summary small').textContent)
                wrong.push(i + 1 + ' has no mark or no word');
            d.querySelector('summary').click();
            var s = d.querySelector('figure svg'),
                box = s && s.getBoundingClientRect();
            if (!d.open || !box || box.width < 100 || box.height < 50)
                wrong.push(i + 1 + ' does not open, or has no figure');
            if (Array.from(d.querySelectorAll('svg')).some(small))
                wrong.push(i + 1 + ' has a figure with small letters');
        });
        say('phrases', wrong);
        layout('with all phrases open');
        p.forEach(function (d) { d.open = false; });
    }

    /* As it is printed: what is read, at the width of a page of A4, has its
     * letters in figures and is not cut off at the margin. */
    function paper() {
        var style = document.createElement('style'), wrong = [],
            main = document.querySelector('main');
        style.textContent = 'main{width:188mm}' + Array.from(
            document.styleSheets).map(function (sheet) {
            return Array.from(sheet.cssRules).filter(function (rule) {
                return rule.media && rule.media.mediaText === 'print';
            }).map(function (rule) {
                return Array.from(rule.cssRules).map(function (inner) {
                    return inner.cssText;
                }).join('');
            }).join('');
        }).join('');
        document.body.appendChild(style);
        all('details.phrase').forEach(function (d) { d.open = true; });
        var right = main.getBoundingClientRect().right + 1;
        all('main table, main svg, main pre, main math').forEach(function (e) {
            if (e.getBoundingClientRect().right > right)
                wrong.push(e.tagName + ' cut off in ' +
                           e.closest('[id]').id);
        });
        all('.opened svg').forEach(function (e) {
            if (e.getBoundingClientRect().width * 13 * .75 <
                4.9 * e.viewBox.baseVal.width)
                wrong.push('small letters in ' + e.closest('[id]').id);
        });
        if (all('.opened svg').filter(function (e) {
            return e.getClientRects().length > 0;
        }).length < 15)
            wrong.push('figures are not printed');
        style.remove();
        all('details.phrase').forEach(function (d) { d.open = false; });
        say('paper', wrong);
    }

    /* Each mark of the libraries' figure leads somewhere, those of what is wrong
     * to words on it, and by keyboard. */
    function marks() {
        var figure = document.getElementById('figure-peers-flows'), wrong = [];
        if (figure) {
            var links = Array.from(figure.querySelectorAll('svg a')),
                words = links.filter(function (a) {
                    return /^#words-/.test(a.getAttribute('href'));
                });
            if (links.length < 500 || words.length < 60)
                wrong.push(links.length + ' links, ' + words.length +
                           ' of them to words');
            links.forEach(function (a) {
                var to = document.getElementById(
                        a.getAttribute('href').slice(1)),
                    name = a.textContent.split(/: |  /)[0];
                if (!to || to.textContent.indexOf(name) !== 0)
                    wrong.push(a.textContent + ' leads elsewhere');
                if (a.tabIndex < 0 && words.indexOf(a) >= 0)
                    wrong.push(a.textContent + ' cannot be reached');
            });
            if (Array.from(figure.querySelectorAll('use[href^="#peers-flows"]'))
                .some(function (u) {
                    return u.getAttribute('x') > 330 &&
                        u.getAttribute('y') > 90 && !u.closest('a') &&
                        !u.closest('defs');
                }))
                wrong.push('a mark without a link');
        }
        say('marks of the libraries', wrong);
    }

    function formulas() {
        var m = all('math'), wrong = [], bare = m.filter(function (e) {
            return !e.getAttribute('alttext');
        }), flat = m.filter(function (e) {
            return e.getClientRects().length > 0 &&
                e.getBoundingClientRect().height < 4;
        });
        if (m.length < 300)
            wrong.push('only ' + m.length);
        if (bare.length)
            wrong.push(bare.length + ' without a text');
        if (flat.length)
            wrong.push(flat.length + ' without height');
        if (all('p, dd, dt, td, th, h3, figcaption').some(function (e) {
            return Array.from(e.childNodes).some(function (t) {
                return t.nodeType === 3 && t.data.indexOf('$') >= 0;
            });
        }))
            wrong.push('a dollar sign');
        say('formulas', wrong);
    }

    function order() {
        var is = all('main > section, .groups > section').map(function (s) { return s.id; }),
            last = ['abstract', 'notation', 'checked', 'gallery', 'answers',
                    'group-C1', 'environment', 'verdicts'].map(function (id) {
                return is.indexOf(id);
            }), wrong = [];
        last.forEach(function (at, i) {
            if (at < 0 || (i > 0 && at < last[i - 1]))
                wrong.push('the place ' + i);
        });
        if (last[7] !== is.length - 1)
            wrong.push(is[is.length - 1]);
        say('order of the sections', wrong);
    }

    function headings() {
        var level = 0;
        say('headings', all('h1, h2, h3, h4, h5, h6').filter(function (h) {
            var next = +h.tagName[1], is = next > level + 1 ||
                (next === 1 && level > 0) || !h.textContent.trim();
            level = next;
            return is;
        }).map(function (h) {
            return h.tagName.toLowerCase() + ' ' + h.textContent;
        }));
    }

    function luminance(colour) {
        return colour.slice(0, 3).reduce(function (sum, c, i) {
            c /= 255;
            c = c <= .04045 ? c / 12.92 : Math.pow((c + .055) / 1.055, 2.4);
            return sum + c * [.2126, .7152, .0722][i];
        }, 0);
    }

    /* Of text against what is behind it, 4.5 as WCAG 2 asks at its level AA. */
    function contrast() {
        function channels(text) {
            return (text.match(/[\d.]+/g) || []).map(Number);
        }
        function behind(e) {
            for (; e; e = e.parentElement) {
                var c = channels(getComputedStyle(e).backgroundColor);
                if (c.length === 3 || c[3] > 0)
                    return c;
            }
            return [255, 255, 255];
        }
        say('contrast', all('body *').filter(function (e) {
            if (e.closest('svg, script, style, option') ||
                !e.getClientRects().length)
                return false;
            if (!Array.from(e.childNodes).some(function (t) {
                return t.nodeType === 3 && t.data.trim();
            }))
                return false;
            var a = luminance(channels(getComputedStyle(e).color)),
                b = luminance(behind(e));
            return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 4.5;
        }).map(function (e) {
            return e.tagName + ' ' + e.textContent.slice(0, 30);
        }));
    }

    function pictures() {
        var wrong = all('svg, img').filter(function (e) {
            var text = document.getElementById(
                e.getAttribute('aria-labelledby') || '');
            return e.getAttribute('alt') === null && !e.closest('figure#empty')
                && (!text || text.textContent.trim().length < 40);
        });
        say('pictures have a text', wrong.length ? [wrong.length] : []);
    }

    /* Nothing is before its turn, and all that can be pressed has a name. */
    function keyboard() {
        var wrong = all('[tabindex]').filter(function (e) {
            return e.tabIndex > 0;
        }).concat(all('summary, button, select, input, a[href]').filter(
            function (e) {
                return !(e.textContent + (e.labels && e.labels[0] ?
                    e.labels[0].textContent : '')).trim();
            }));
        say('the keyboard', wrong.map(function (e) {
            return e.tagName + ' ' + e.textContent.slice(0, 20);
        }));
    }

    window.addEventListener('load', function () {
        var last = function () {};
        try {
            links();
            figures();
            commands();
            letters();
            tasks();
            layout();
            phrases();
            paper();
            marks();
            formulas();
            order();
            headings();
            contrast();
            pictures();
            keyboard();
            filters();
            folded();
            sorting();
            last = details();
        } catch (e) {
            errors.push(String(e));
        }
        setTimeout(function () {
            last();
            say('no error on the console', errors);
            window.parent.postMessage(answers.join('\n'), '*');
        }, 50);
    });
})();
