# highres-rate.gp -- Held-out bits per dimension of photographs of nature at the
# end of training against the learning rate, a mark a seed; crosses at the top:
# diverged (not finite, or above 8 bits). Sizes with more than one rate. Dashed:
# the better of the power spectra.
width = 900; height = 400
load 'plots/style.gp'

file = out.'/highres-runs.csv'
eval(instead_of(file))
names = '"plain" "principles" "spectrum" "identity" "interlaced"'
first = system("awk -F, '!/^#/ && n++ == 1 { print $1; exit }' ".quoted(file))
is(k, s) = stringcolumn('image_set') eq first && stringcolumn('principle_set') eq word(names, k) && column('size') == s
x(k) = column('rate') * (0.7 + 0.1 * k)
words = system("awk -F, '!/^#/ && $3 == \"plain\" && !(($2, $5) in seen) { seen[$2, $5]; n[$2]++ } END { for (s in n) if (n[s] > 1) print s }' ".quoted(file)." | sort -g")
if (words eq '') { words = system("awk -F, '!/^#/ && $3 == \"plain\" { print $2; exit }' ".quoted(file)) }
set datafile missing NaN
set multiplot layout 1, words(words)
set logscale x
set xtics ()
rates = system("awk -F, '!/^#/ && $5 + 0 > 0 { print $5 + 0 }' ".quoted(file)." | sort -gu")
set for [w in rates] xtics add (w w + 0) font ',10'
set xrange [0.6 * word(rates, 1):1.7 * word(rates, words(rates))]
set yrange [3:10.2]
set ytics 3, 1, 9
set ytics add ('diverged' 9.85)
set lmargin 10
set tmargin 2
set xlabel 'learning rate'
set ylabel 'bits per dimension after training'
set key bottom left samplen 2 font ',11'
do for [s in words] {
    set label 1 s.' × '.s.' × 3' at graph 0.5, 1.04 center font ',12'
    plot for [k = 1:5] file using (is(k, s + 0) && column('diverged') == 0 ? x(k) : NaN):'last_bits' with points ls k ps 1 title word(names, k), \
         for [k = 1:5] file using (is(k, s + 0) && column('diverged') > 0 ? x(k) : NaN):(9.6 + 0.1 * (int(column('seed')) % 6)) with points ls k pt 2 ps 1 notitle, \
         file using (is(1, s + 0) ? column('rate') : NaN):'spectrum_bits' smooth unique with lines ls theory title 'power spectrum'
    unset ylabel
    set format y ''
    set ytics 3, 1, 9
    set lmargin 3
    unset key
}
unset multiplot
