# highres-rate.gp -- Held-out bits per dimension at the end of training against
# the learning rate, a mark a seed; crosses at the top: diverged (not finite, or
# above 8 bits). Dashed: the power-spectrum optimum.
width = 900; height = 400
load 'plots/style.gp'

file = out.'/highres-runs.csv'
eval(instead_of(file))
names = '"plain" "principles"'
is(k, s) = stringcolumn('principle_set') eq word(names, k) && column('size') == s
x(k) = column('rate') * (k == 1 ? 0.93 : 1.07)
stats file using 'rate' nooutput
least = STATS_min
# sizes with more than one rate
words = ''; stats file using (column('rate') > least ? add_word(sprintf('%g', column('size'))) : NaN) nooutput
set datafile missing NaN
set multiplot layout 1, words(words)
set logscale x
set format x '10^{%T}'
set xrange [6e-4:0.1]
set yrange [3:9]
set tmargin 2
set xlabel 'learning rate'
set ylabel 'bits per dimension after training'
set key bottom right samplen 2 font ',11'
do for [s in words] {
    set label 1 s.' × '.s.' × 3' at graph 0.5, 1.04 center font ',12'
    plot for [k = 1:2] file using (is(k, s + 0) && column('diverged') == 0 ? x(k) : NaN):'last_bits' with points ls k ps 1 title word(names, k), \
         for [k = 1:2] file using (is(k, s + 0) && column('diverged') > 0 ? x(k) : NaN):(8.4 + 0.1 * (int(column('seed')) % 6)) with points ls k pt 2 ps 1 title word(names, k).', diverged', \
         file using (is(1, s + 0) ? column('rate') : NaN):'spectrum_bits' smooth unique with lines ls theory title 'power spectrum'
    unset ylabel
    unset key
}
unset multiplot
