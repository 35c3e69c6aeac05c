# optimum-images.gp -- What closed forms predict for each picture and each set,
# in bits per dimension: one matrix shared by the pixels (trained: points, the
# eigenvalues: dashes) and a convolution over the whole picture. Bars of held-out
# pictures: one standard error.
width = 760
height = 480
load 'plots/style.gp'

file = out.'/optimum-images.csv'
set label 1 not_run(file) at graph 0.5, 0.1 center
bits(nats) = -column(nats) / (column('height') * column('width') * column('channels') * log(2))
set style line 10 lc rgb '#000000' lw 1.5 dt (6, 3) pt 0
set bmargin 5.5
set rmargin 6
set xtics rotate by -40 noenhanced font ',8' scale 0
set ylabel 'bits per dimension, lower is better'
set yrange [0:*]
set offsets 0.5, 0.5, 0, 0
set key outside top center horizontal maxcols 2 width -4
before(s, end) = strstrt(s, end) ? s[1:strstrt(s, end) - 1] : s
short(s) = before(before(s, '.jpg'), '_by_')
label(i) = strcol('image') eq 'all' ? 'all '.strcol('set') : short(strcol('image'))
plot file using 0:(bits('eigen_1x1_nats')):(0.35):xtic(label(0)) with xerrorbars ls 10 title 'eigenvalues of R of the pixels', \
     '' using 0:(bits('trained_1x1_nats')) with points ls 1 title 'trained 1x1 flow', \
     '' using 0:(bits('spectrum_nats')) with points ls 2 title 'power spectrum', \
     '' using 0:(bits('held_out_nats')):(column('se_held_out') / (column('height') * column('width') * column('channels') * log(2))) with yerrorbars ls 3 dt 1 title 'the same, held-out pictures', \
     '' using 0:(bits('gram_nats')) with points ls 4 title 'any affine flow, training set'
