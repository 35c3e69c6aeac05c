# highres-bits.gp -- Held-out bits per dimension while flows train, each recipe at
# its own rate, on whole photographs of nature; a panel a size, against the
# operations that the cost table counts. Identity: the flow of spectrum without
# its start; interlaced: pixels by coarser ones, cells of grey levels. Lines: means
# over seeds; bands: least to largest; cut off at 9 bits. Dashed: what the power spectrum of all training
# pictures needs, circular and reflecting, and what codecs do, for the same
# pictures.
width = 1120; height = 460
load 'plots/style.gp'

file = out.'/highres.csv'
ends = out.'/highres-runs.csv'
codecs = out.'/highres-codecs.csv'
eval(instead_of(file))
names = '"plain" "principles" "spectrum" "identity" "interlaced"'
set datafile missing NaN
# The first set of the table is shown: nature, or the user's folder.
first = system("awk -F, '!/^#/ && n++ == 1 { print $1; exit }' ".quoted(file))
words = ''; stats file using (add_word(sprintf('%g', column('size')))) nooutput
# A recipe's own rate: the one of the largest size.
largest = 0
do for [w in words] { if (w + 0 > largest) { largest = w + 0 } }
array own[5]
do for [k = 1:5] {
    stats file using (stringcolumn('principle_set') eq word(names, k) && column('size') == largest ? column('rate') : NaN) nooutput
    own[k] = STATS_max
}
# Panels are of the sizes at which one of them is run.
is_own(k) = stringcolumn('principle_set') eq word(names, k) && column('rate') == own[k]
words = ''; stats file using (is_own(1) || is_own(2) || is_own(3) || is_own(4) || is_own(5) ? add_word(sprintf('%g', column('size'))) : NaN) nooutput
# least, mean and largest over seeds of recipe k at size s, by operations
over(k, s) = sprintf("< awk -F, -v set=%s -v size=%s -v name=%s -v rate=%g '/^#/ || $5 == \"step\" { next } $1 == set && $2 == size && $3 == name && ($12 / rate - 1) ^ 2 < 1e-6 { x = $15 / 1e9; y = $6 < 9 ? $6 : 9; if (!(x in n) || y < low[x]) low[x] = y; if (!(x in n) || y > high[x]) high[x] = y; n[x]++; sum[x] += y } END { print \"x,low,mean,high\"; for (x in n) print x \",\" low[x] \",\" sum[x] / n[x] \",\" high[x] | \"sort -g\" }' %s", quoted(first), s, word(names, k), own[k], quoted(file))
at_size(name, s) = stringcolumn('image_set') eq first && column('size') == s ? column(name) : NaN
mean_of(name, s) = system(sprintf("awk -F, -v set=%s -v size=%s -v name=%s '!/^#/ && $1 == set && $3 == size && $4 == name && $6 == $6 + 0 { n++; sum += $6 } END { print n ? sum / n : 0 }' %s", quoted(first), s, name, quoted(codecs))) + 0
# Text stands above its line, or below it.
level(y, text, dash, place, above) = sprintf("set arrow from graph 0, first %g to graph 1, first %g nohead lc rgb '#000000' lw 1 dt %s; set label '%s' at graph %g, first %g offset 0, %g font ',9'", y, y, dash, text, place, y, above ? 0.35 : -0.45)
set multiplot layout 1, words(words)
set tmargin 4
set lmargin 7
set rmargin 1.5
set xlabel 'operations [10^9]'
set ylabel 'held-out bits per dimension'
set xtics autofreq font ',10'
set key at screen 0.5, 0.99 center top horizontal maxrows 1 samplen 2 font ',11'
set style fill transparent solid 0.2 noborder
set yrange [1:9]
set ytics add ('9+' 9)
do for [s in words] {
    unset arrow; unset label
    set label 1 s.' × '.s.' × 3' at graph 0.5, 1.05 center font ',12'
    stats ends using (at_size('circular_bits', s + 0)) nooutput
    circular = STATS_mean
    stats ends using (at_size('reflecting_bits', s + 0)) nooutput
    eval(level(circular, 'circular', '(8, 5)', 0.35, circular > STATS_mean))
    eval(level(STATS_mean, 'reflecting', '(8, 5)', 0.65, circular <= STATS_mean))
    do for [i = 1:3] {
        y = mean_of(word('png webp jxl', i), s)
        if (y > 0) { eval(level(y, word('PNG WebP JPEG-XL', i), '(3, 3)', 0.1 + 0.22 * i, i < 3)) }
    }
    plot for [k = 1:5] over(k, s) using 'x':'low':'high' with filledcurves fc rgb word('#0072B2 #D55E00 #009E73 #CC79A7 #E69F00', k) notitle, \
         for [k = 1:5] over(k, s) using 'x':'mean' with linespoints ls k lw 2 ps 0.5 notitle, \
         for [k = 1:5] keyentry with linespoints ls k lw 2 ps 0.5 title word(names, k)
    unset ylabel
    unset key
}
unset multiplot
