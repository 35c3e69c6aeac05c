# peers-flows.gp -- The log-determinants of the field's libraries against those
# of their own maps, by differences at points of the audit's design: a mark a
# layer by its default arguments; behind each library, of how many layers some
# log-determinant is wrong, the largest share first. Squares: wrong, which a second method confirms, at
# the largest error. Crosses: nothing decides it, or the documentation says so.
# Circles: right, at the middle of its checks in double precision, where the
# error is that of the differences. Errors below $10^-14$ and above $10^4$ are
# drawn there. Each mark says its layer, and where the report has words on it, or
# on its library, leads to them.
width = 900; height = 760
load 'plots/style.gp'

file = out.'/peers-flows.csv'
# Fields without the quotes about them, commas there as semicolons, and quotes
# there as single ones.
plain = 'function plain(t,  s, w) { while (match(t, /"([^"]|"")*"/)) { w = substr(t, RSTART + 1, RLENGTH - 2); gsub(/,/, ";", w); gsub(/""/, q, w); s = s substr(t, 1, RSTART - 1) w; t = substr(t, RSTART + RLENGTH) } return s t } '
# The word on a row: 2 wrong, 1 not decided, 0 right, -1 not shown.
word_on = 'function word_on(v, double) { return v == "wrong" ? 2 : v == "open" || v == "documented" ? 1 : double && (v == "ok" || v == "rounding") ? 0 : -1 } '
rows = '/^#/ { next } { $0 = plain($0) } !n { n = NF; for (i = 1; i <= n; i++) is[$i] = i; next } $is["check"] != "log-det" { next } '
# Of a layer, the errors of its worst word in order.
keep = '{ k = $1 "," $is["bijection"]; w = word_on($is["verdict"], $is["precision"] == "float64"); e = $is["error"] + 0; if (e < 0) e = -e; if (w < 0 || (k in word) && w < word[k]) next; if (!(k in word) || w > word[k]) { word[k] = w; count[k] = 0 } j = ++count[k]; while (j > 1 && v[k, j - 1] > e) { v[k, j] = v[k, j - 1]; j-- } v[k, j] = e } '
head = 'END { for (k in word) { split(k, part, ","); of[part[1]]++; bad[part[1]] += word[k] == 2 } for (a in of) { place[a] = 1; for (b in of) { d = bad[b] / of[b] - bad[a] / of[a]; place[a] += d > 0 || d == 0 && tolower(b) < tolower(a) } } print "library,place,error,word,name" | "sort -t, -k2g"; '
tail = 'for (k in word) { split(k, part, ","); l = part[1]; e = v[k, word[k] ? count[k] : int((count[k] + 1) / 2)]; print l "  " bad[l] " of " of[l] "," place[l] "," (e < 1e-14 ? 1e-14 : e > 1e4 ? 1e4 : e) "," word[k] "," l ": " substr(k, length(l) + 2) sprintf("; %.1e nats", e) | "sort -t, -k2g" } }'
layers = '< LC_ALL=C awk -F, -v q="\047" '.quoted(plain.word_on.rows.keep.head.tail).' '.quoted(file)
is(w) = stringcolumn('word') eq w ? column('error') : NaN
set datafile missing NaN
stats layers using 'place' nooutput
last = STATS_max
set logscale x
set format x '10^{%T}'
set xtics 1e-14, 1e3
set xrange [5e-15:3e4]
set yrange [last + 0.7:0.3]
set ytics scale 0 font ',10' noenhanced
set grid ytics lc rgb '#e0e0e0' lw 0.8 dt 1
set xlabel 'error of the log-determinant [nats]'
set lmargin at screen 0.37
set rmargin 3
set key outside center top horizontal samplen 1
plot layers using (is('0')):'place':'name':ytic(1) with labels noenhanced hypertext point ls 1 pt 6 ps 0.5 title 'right', \
     '' using (is('1')):'place':'name' with labels noenhanced hypertext point ls 8 pt 2 ps 0.7 title 'not decided, or documented', \
     '' using (is('2')):'place':'name' with labels noenhanced hypertext point ls 2 ps 0.8 title 'wrong'
