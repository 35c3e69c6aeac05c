# highres-bits.gp -- Held-out bits per dimension of Glow-type flows while they
# train, at the least rate, three sizes; bands are the range over seeds. Dashed:
# the power-spectrum optimum of the training crops on the same held-out ones.
width = 1120; height = 400
load 'plots/style.gp'

file = out.'/highres.csv'
names = '"plain" "principles"'
stats file using 'size' nooutput
small = STATS_min; large = STATS_max
stats file using 'rate' nooutput
least = STATS_min
is(k, s) = stringcolumn('principle_set') eq word(names, k) && column('size') == s && column('rate') == least
set datafile missing NaN
set multiplot layout 1, 3
set tmargin 2
set lmargin 9
set xlabel 'training step'
set ylabel 'held-out bits per dimension'
set key top right
do for [s in '64 256 1024'] {
    set label 1 s.' × '.s.' × 3' at graph 0.5, 1.04 center font ',12'
    if (s + 0 >= small && s + 0 <= large) {
        plot for [k = 1:2] file using (is(k, s + 0) ? column('step') : NaN):'bits_per_dim' with points ls k ps 0.5 notitle, \
             for [k = 1:2] file using (is(k, s + 0) ? column('step') : NaN):'bits_per_dim' smooth unique with lines ls k lw 2 title word(names, k), \
             file using (is(1, s + 0) ? column('step') : NaN):'spectrum_bits_per_dim' smooth unique with lines ls theory title 'power spectrum'
    }
    unset ylabel
    unset key
}
unset multiplot
