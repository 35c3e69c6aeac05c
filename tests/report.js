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
        var f = all('figure'), wrong = f.filter(function (e) {
            var d = e.querySelector('svg, img'),
                box = d && d.getBoundingClientRect();
            return !box || box.width < 100 || box.height < 50 ||
                (d.tagName === 'IMG' && d.naturalWidth === 0) ||
                e.querySelector('figcaption').textContent.length < 40;
        }).map(function (e) { return e.id; });
        say('figures have a size and a caption',
            f.length < 20 ? ['only ' + f.length] : wrong);
    }

    function layout() {
        var page = document.documentElement, wide = page.clientWidth;
        say('no horizontal scrolling at ' + wide + ' pixels',
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

    window.addEventListener('load', function () {
        var last = function () {};
        try {
            links();
            figures();
            layout();
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
