# highres-bits.gp -- Held-out bits per dimension of Glow-type flows while they
# train, at the least rate of each size, a panel a size; a mark a seed, lines
# their mean, cut off at 12 bits. Dashed: the power-spectrum optimum of the
# training pictures on the same held-out ones.
width = 1120; height = 400
load 'plots/style.gp'

file = out.'/highres.csv'
eval(instead_of(file))
names = '"plain" "principles"'
words = ''; stats file using (add_word(sprintf('%g', column('size')))) nooutput
is(k, s) = stringcolumn('principle_set') eq word(names, k) && column('size') == s && column('rate') == least
set datafile missing NaN
set multiplot layout 1, words(words)
set tmargin 2
set lmargin 9
set xlabel 'training step'
set ylabel 'held-out bits per dimension'
set key bottom left samplen 2 font ',11'
set xtics autofreq font ',10'
do for [s in words] {
    set yrange [*:*]
    stats file using (column('size') == s + 0 ? column('rate') : NaN) nooutput
    least = STATS_min
    set yrange [2:12]
    set label 1 s.' × '.s.' × 3' at graph 0.5, 1.04 center font ',12'
    plot for [k = 1:2] file using (is(k, s + 0) ? column('step') : NaN):'bits_per_dim' with points ls k ps 0.5 notitle, \
         for [k = 1:2] file using (is(k, s + 0) ? column('step') : NaN):'bits_per_dim' smooth unique with lines ls k lw 2 title word(names, k), \
         file using (is(1, s + 0) ? column('step') : NaN):'spectrum_bits_per_dim' smooth unique with lines ls theory title 'power spectrum'
    unset ylabel
    unset key
}
unset multiplot
